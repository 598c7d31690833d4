-- execute: cv_app
-- Send the confirmation to the buyer again: the buyer, the holder of the link, or staff of that stadium may ask; at
-- most once a minute.
create or replace function app.resend_tickets(p_booking bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
begin
  select * into b from public.booking bk where bk.id = p_booking
     and (bk.customer_id = app.uid() or bk.id = app.link() or bk.stadium_id = any (app.staff_of()));
  if b.id is null then perform app.fail('UNKNOWN_BOOKING', 404); end if;
  if b.state <> 'paid' then perform app.fail('NOT_PAID'); end if;
  if exists (select from public.notification n
              where n.booking_id = b.id and n.dedupe_key like 'tickets:' || b.id || ':%'
                and n.created_at > clock_timestamp() - interval '1 minute') then
    perform app.fail('SENT_JUST_NOW', 429);
  end if;
  perform app.ask_mail('tickets', b.contact_email, b.id,
                       'tickets:' || b.id || ':' || to_char(clock_timestamp(), 'YYYYMMDDHH24MISSMS'));
  perform app.log(b.stadium_id, 'tickets.resent', 'booking', b.id::text);
end $$;
