-- execute: cv_worker
-- A lost ticket or pass: its codes die at once, and the worker signs a new one in this same transaction. Who: the buyer
-- (p_by, or the booking's link), the holder of a passed-on ticket by its own link, or staff of that stadium, who never
-- see it: it is mailed to whoever has the right. At most ten in a day for one ticket.
create or replace function app.replace_code(p_right uuid, p_by bigint, p_booking_link bytea, p_link bytea)
returns table (booking_id bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  b public.booking;
  r record;
  v_by text;
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
  v_by := case when r.link_hash = p_link or r.link_hash is null and b.link_hash = p_booking_link then 'link'
               when r.link_hash is null and b.customer_id = p_by then 'person'
               when exists (select from public.staff_role s
                             where s.customer_id = p_by and s.stadium_id = b.stadium_id
                               and app.role_rights() -> s.role ? 'sell') then 'staff' end;
  if r.id is null or v_by is null then perform app.fail('UNKNOWN_TICKET', 404); end if;
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
                  jsonb_build_object('seq', r.seq + 1, 'by', p_by),
                  case v_by when 'link' then 'link' else 'person' end);
  if v_by = 'staff' and r.link_hash is null then
    perform app.queue_mail('tickets', b.contact_email, b.id, 'code:' || p_right || ':' || r.seq + 1);
  elsif v_by = 'staff' then
    perform app.queue_mail('transferred_ticket', x.to_email, b.id, 'code:' || p_right || ':' || r.seq + 1,
                           jsonb_build_object('transfer', x.id))
      from public.ticket_transfer x where x.ticket_id = p_right and x.state = 'accepted' order by x.id desc limit 1;
  end if;
  return query select b.id;
end $$;
