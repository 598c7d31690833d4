-- execute: cv_app
-- What has become of seats, for a process that follows them (seating/claims.py). Of the events it knows: each seat that
-- was moved by a transaction which its last reading, the snapshot p_since, did not see. Of those in p_new: each seat
-- that is not free. One row for an event and a state (null: free), with the seats' ids as int4 and, of those that are
-- held, the end of each as int8, in microseconds since 1970.
-- The row without an event says: the newest version; the snapshot to go on from; the time; and whether nothing that
-- p_since did not see is forgotten. Version and snapshot are older than the rows: what commits meanwhile may be in the
-- rows already, and comes again.
create or replace function app.seat_changes(p_since pg_snapshot, p_known int[], p_new int[])
returns table (version bigint, snapshot text, at bigint, is_whole boolean, event_id int, state text, ids bytea,
               ends bytea)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
#variable_conflict use_column
declare
  v_version bigint := (select case when s.is_called then s.last_value else 0 end from public.seat_version s);
  v_now timestamptz := clock_timestamp();
  v_snapshot pg_snapshot := pg_current_snapshot();
begin
  return query
  with moved as (
    -- Both bounds, so that the plan is the index's; a connection keeps its plan from when the tables were small.
    select distinct m.event_id, x.seat_id from public.seat_move m cross join unnest(m.seats) x (seat_id)
     where m.xid >= pg_snapshot_xmin(p_since)::text::bigint
       and m.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
       and not pg_visible_in_snapshot(m.xid::text::xid8, p_since) and m.event_id = any (p_known)),
  are as (
    select m.event_id, m.seat_id, c.state, c.expires_at
      from moved m left join lateral (
           select k.state, k.expires_at from public.seat_claim k
            where k.event_id = m.event_id and k.seat_id = m.seat_id and not app.has_lapsed(k.state, k.expires_at, v_now)
            limit 1) c on true)
  select v_version, v_snapshot::text, (extract(epoch from v_now) * 1000000)::bigint,
         pg_snapshot_xmin(p_since) <= pg_snapshot_xmin(v_snapshot)
           and coalesce((select min(m.xid) from public.seat_move m where m.event_id is null), 0)
               <= pg_snapshot_xmin(p_since)::text::bigint, null::int, null::text, null::bytea, null::bytea
  union all
  select null, null, null, null, a.event_id, a.state, string_agg(int4send(a.seat_id), ''),
         string_agg(int8send((extract(epoch from a.expires_at) * 1000000)::bigint), '') filter (where a.state = 'held')
    from are a group by a.event_id, a.state;

  if cardinality(p_new) > 0 then
    return query
    select null::bigint, null::text, null::bigint, null::boolean, c.event_id, c.state,
           string_agg(int4send(c.seat_id), ''),
           string_agg(int8send((extract(epoch from c.expires_at) * 1000000)::bigint), '')
             filter (where c.state = 'held')
      from public.seat_claim c
     where c.event_id = any (p_new) and not app.has_lapsed(c.state, c.expires_at, v_now)
     group by c.event_id, c.state;
  end if;
end $$;
