-- execute: cv_app
-- Every right that this device may meet, as columns of bytes sorted by hash, and what they are labelled with: rows
-- [stand, bay, row, gate's zone], seats, types and car parks. No name, no plate, no number of a ticket or booking.
-- 50,000 rights are one row of the answer.
create or replace function app.gate_rights(p_token bytea)
returns table (n int, cursor bigint, labels jsonb, hash bytea, status bytea, flags bytea, type bytea, zone bytea,
               booking bytea, "row" bytea, seat bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  d public.gate_device := app.device_of(p_token);
begin
  return query
  with seats as materialized (
         select s.id, s.row_id, s.number, s.kind from public.seat s join public.event e on e.layout_id = s.layout_id
          where e.id = d.event_id),
       rows as materialized (
         select w.id, jsonb_build_array(st.name, b.name, w.name, g.zone) as label, g.zone,
                row_number() over (order by w.id) - 1 as k
           from public.event e join public.stand st on st.layout_id = e.layout_id
           join public.level v on v.stand_id = st.id join public.bay b on b.level_id = v.id
           join public.gate g on g.id = b.gate_id join public.seat_row w on w.bay_id = b.id where e.id = d.event_id),
       numbers as materialized (select x.number, row_number() over (order by x.number) - 1 as k
                                  from (select distinct number from seats) x),
       types as materialized (select x.type, row_number() over (order by x.type) - 1 as k
                                from (select distinct l.ticket_type as type from public.booking_line l
                                        join public.ticket t on t.line_id = l.id
                                       where t.event_id = d.event_id and l.ticket_type is not null) x),
       parks as materialized (select c.id, c.name, c.zone, row_number() over (order by c.id) - 1 as k
                                from public.car_park c where c.stadium_id = d.stadium_id),
       open as materialized (select a.right_id, bool_or(a.left_at is null) as inside from public.admission a
                              where a.stadium_id = d.stadium_id and a.event_id is not distinct from d.event_id
                              group by 1),
       rights as (
         select t.hash, case when t.status = 'void' then 4 when t.status = 'disputed' then 2
                             when o.right_id is null then 0 when o.inside then 1 else 3 end as status,
                case s.kind when 'accessible' then 2 when 'companion' then 4 when 'unreserved' then 8
                     else 0 end as flags,
                coalesce(y.k, 0) as type, r.zone,
                case when t.link_hash is null then t.booking_id
                     else -row_number() over (order by t.hash) end as booking_id, r.k as row_k,
                case when s.kind = 'unreserved' then 65535 else u.k end as seat_k
           from public.ticket t join seats s on s.id = t.seat_id join rows r on r.id = s.row_id
           join numbers u on u.number = s.number
           join public.booking_line l on l.id = t.line_id left join types y on y.type = l.ticket_type
           left join open o on o.right_id = t.id
          where t.event_id = d.event_id
         union all
         select p.hash, case when p.status = 'void' then 4 when p.status = 'disputed' then 2
                             when o.right_id is null then 0 when o.inside then 1 else 3 end,
                1 + case when p.bay_kind = 'accessible' then 2 else 0 end, 0, c.zone, p.booking_id, c.k, 65535
           from public.parking_pass p join public.booking b on b.id = p.booking_id join parks c on c.id = p.car_park_id
           left join open o on o.right_id = p.id
          where b.stadium_id = d.stadium_id
            and (b.event_id = d.event_id or b.event_id is null
                 and p.ends_at > clock_timestamp() - interval '12 hours')),
       grouped as (select x.*, dense_rank() over (order by x.booking_id) as g from rights x)
  select count(*)::int, pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
         jsonb_build_object('rows', (select coalesce(jsonb_agg(r.label order by r.k), '[]') from rows r),
                            'seats', (select coalesce(jsonb_agg(u.number order by u.k), '[]') from numbers u),
                            'types', (select coalesce(jsonb_agg(y.type order by y.k), '[]') from types y),
                            'car_parks', (select coalesce(jsonb_agg(c.name order by c.k), '[]') from parks c)),
         string_agg(x.hash, '' order by x.hash), string_agg(substring(int4send(x.status) from 4), '' order by x.hash),
         string_agg(substring(int4send(x.flags) from 4), '' order by x.hash),
         string_agg(substring(int4send(x.type::int) from 4), '' order by x.hash),
         string_agg(substring(int4send(x.zone::int) from 4), '' order by x.hash),
         string_agg(int4send(x.g::int), '' order by x.hash),
         string_agg(substring(int4send(x.row_k::int) from 3), '' order by x.hash),
         string_agg(substring(int4send(x.seat_k::int) from 3), '' order by x.hash)
    from grouped x;
end $$;
