-- execute: cv_rules
-- The other tickets of a ticket's booking, [{hash, seat, type, status}], for one code that brings a group; `status` as
-- in app.gate_rights. A ticket that was passed on comes with its new holder, and brings nobody.
create or replace function app.others_of(p_ticket uuid, p_booking bigint) returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'hash', encode(t.hash, 'hex'), 'seat', t.seat_id, 'type', l.ticket_type,
             'status', case when t.status = 'disputed' then 2 when a.right_id is null then 0
                            when a.left_at is null then 1 else 3 end) order by l.id), '[]')
      from public.ticket t join public.booking_line l on l.id = t.line_id
      left join lateral (select x.right_id, x.left_at from public.admission x
                          where x.right_id = t.id order by x.entry_no desc limit 1) a on true
     where t.booking_id = p_booking and t.id <> p_ticket and t.status <> 'void' and t.link_hash is null
       and not exists (select from public.ticket o where o.id = p_ticket and o.link_hash is not null));
end $$;
