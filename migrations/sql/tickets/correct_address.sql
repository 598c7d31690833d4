-- execute: cv_worker
-- The address that a booking's mails go to was mistyped: its buyer (p_by) puts it right. Whoever got the first mail has
-- nothing good any more: the booking has another link (p_seq, p_link_hash), and its good tickets and passes lose their
-- codes; the worker signs new ones in this same transaction. What waits to be sent goes to the right address. At most
-- three times for one booking.
create or replace function app.correct_address(p_booking bigint, p_by bigint, p_email text, p_seq int,
                                               p_link_hash bytea)
returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
  e public.event;
  v_key text := app.mailbox(p_email);
begin
  select * into b from public.booking k where k.id = p_booking and k.customer_id = p_by for update;
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state <> 'paid' then perform app.fail('NOT_PAID'); end if;
  if lower(b.contact_email) = lower(p_email) then perform app.fail('SAME_ADDRESS', 422); end if;
  if b.link_seq >= 3 then perform app.fail('TOO_MANY_CORRECTIONS', 429); end if;
  if b.link_seq <> p_seq - 1 then perform app.fail('TRY_AGAIN', 409); end if;
  if not app.may_mail(b.id, b.customer_id, p_email) then perform app.fail('MAIL_NEEDS_PAYMENT'); end if;
  if b.event_id is not null then
    select * into e from public.event ev where ev.id = b.event_id;
    if e.ends_at <= clock_timestamp() then perform app.fail('EVENT_OVER'); end if;
    -- The limit is by address, too, and this one may have bought before.
    perform pg_advisory_xact_lock(hashtextextended(v_key, b.event_id));
    if app.sold_to(b.event_id, b.customer_id, v_key, b.id)
       + (select count(*) from public.seat_claim c where c.booking_id = b.id) > e.buyer_limit then
      perform app.fail('TOO_MANY_SEATS', 409, jsonb_build_object('limit', e.buyer_limit, 'by', 'email'));
    end if;
  end if;
  update public.booking k
     set contact_email = p_email, email_key = v_key, link_seq = p_seq, link_hash = p_link_hash
   where k.id = b.id;
  update public.customer cu set email = p_email, email_key = v_key
   where cu.id = b.customer_id and cu.kind = 'guest';
  update public.qr_code q set revoked_at = now()
   where q.booking_id = b.id and q.revoked_at is null
     and (exists (select from public.ticket t
                   where t.id = q.ticket_id and t.status = 'valid' and t.link_hash is null and t.seq < 255)
          or exists (select from public.parking_pass p where p.id = q.pass_id and p.status = 'valid' and p.seq < 255));
  update public.ticket t set seq = t.seq + 1
   where t.booking_id = b.id and t.status = 'valid' and t.link_hash is null and t.seq < 255;
  update public.parking_pass p set seq = p.seq + 1
   where p.booking_id = b.id and p.status = 'valid' and p.seq < 255;
  update public.notification n set recipient = p_email, mailbox = app.mailbox(p_email)
   where n.booking_id = b.id and n.state = 'queued' and n.recipient = b.contact_email
     and n.template not like 'transfer%';
  if not exists (select from public.notification n
                  where n.booking_id = b.id and n.state = 'queued' and n.template = 'tickets') then
    perform app.ask_mail('tickets', p_email, b.id, 'tickets:' || b.id || ':address:' || p_seq);
  end if;
  perform app.log(b.stadium_id, 'booking.address_corrected', 'booking', b.id::text,
                  jsonb_build_object('seq', p_seq, 'by', p_by), 'person');
end $$;
