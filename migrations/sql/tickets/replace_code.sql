-- execute: cv_worker
-- A lost ticket or pass: its codes die at once, and the worker signs a new one in this same transaction. Who: the buyer
-- (p_by, or the booking's link), the holder of a passed-on ticket by its own link, or staff of that stadium. At most
-- ten in a day for one ticket.
create or replace function app.replace_code(p_right uuid, p_by bigint, p_booking_link bytea, p_link bytea)
returns table (booking_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  r record;
begin
  select k.* into b from public.booking k
   where k.id = (select t.booking_id from public.ticket t where t.id = p_right
                 union all select p.booking_id from public.parking_pass p where p.id = p_right) for update;
  select t.id, t.status, t.seq, t.link_hash, e.ends_at, 'ticket' as kind into r
    from public.ticket t join public.event e on e.id = t.event_id
   where t.id = p_right for update of t;
  if r.id is null then
    select p.id, p.status, p.seq, null::bytea as link_hash, p.ends_at, 'pass' as kind into r from public.parking_pass p
     where p.id = p_right for update;
  end if;
  if r.id is null or not coalesce(
       case when r.link_hash is null then b.customer_id = p_by or b.link_hash = p_booking_link
            else r.link_hash = p_link end
       or exists (select from public.staff_role s
                   where s.customer_id = p_by and s.stadium_id = b.stadium_id
                     and app.role_rights() -> s.role ? 'sell'), false) then
    perform app.fail('UNKNOWN_TICKET', 404);
  end if;
  if r.status = 'void' or b.state <> 'paid' then perform app.fail('TICKET_VOID'); end if;
  if r.status = 'disputed' then perform app.fail('TICKET_DISPUTED'); end if;
  if r.status = 'used' then perform app.fail('TICKET_ENTERED'); end if;
  if r.ends_at <= clock_timestamp() then perform app.fail('EVENT_OVER'); end if;
  if r.seq >= 255 or (select count(*) from public.qr_code q
                       where coalesce(q.ticket_id, q.pass_id) = p_right
                         and q.revoked_at > clock_timestamp() - interval '1 day') >= 10 then
    perform app.fail('TOO_MANY_CODES', 429);
  end if;
  update public.qr_code q set revoked_at = now()
   where (q.ticket_id = p_right or q.pass_id = p_right) and q.revoked_at is null;
  update public.ticket t set seq = t.seq + 1 where t.id = p_right;
  update public.parking_pass p set seq = p.seq + 1 where p.id = p_right;
  perform app.log(b.stadium_id, 'code.replaced', r.kind, p_right::text,
                  jsonb_build_object('seq', r.seq + 1, 'by', p_by));
  return query select b.id;
end $$;
