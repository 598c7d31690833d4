-- execute: cv_app
-- Staff take free seats off sale. Seats that somebody holds or owns are left and named.
create or replace function app.block_seats(p_event int, p_seats int[])
returns table (blocked int[], refused int[], version bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  e public.event;
  v_got int[];
begin
  select * into e from public.event ev where ev.id = p_event and ev.stadium_id = any (app.staff_of());
  if e.id is null then perform app.fail('UNKNOWN_EVENT', 404); end if;
  with put as (
    insert into public.seat_claim as c (event_id, seat_id, state)
    select e.id, s.id, 'blocked' from public.seat s
     where s.id = any (p_seats) and s.layout_id = e.layout_id order by s.id
    on conflict (event_id, seat_id) do update set state = 'blocked', booking_id = null, expires_at = null
      where c.state in ('blocked', 'kept') or app.has_lapsed(c.state, c.expires_at)
    returning c.seat_id)
  select coalesce(array_agg(seat_id), '{}') into v_got from put;
  if v_got <> '{}' then
    perform app.log(e.stadium_id, 'seats.blocked', 'event', e.id::text, jsonb_build_object('seats', to_jsonb(v_got)));
  end if;
  return query select v_got, array(select x from unnest(p_seats) x where x <> all (v_got)),
                      nextval('public.seat_version');
end $$;
