-- execute: cv_rules
-- The ticket if whoever asks may act for it, locked behind its booking: its buyer or the holder of the booking's link,
-- and once it was passed on only the holder of its own link. It must be good still: paid, not used, not in dispute, and
-- the match not over.
create or replace function app.held_ticket(p_ticket uuid, p_link bytea) returns public.ticket
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
  t public.ticket;
  e public.event;
begin
  select k.* into b from public.booking k join public.ticket x on x.booking_id = k.id
   where x.id = p_ticket for update of k;
  select x.* into t from public.ticket x where x.id = p_ticket for update;
  if t.id is null or not coalesce(case when t.link_hash is null then b.customer_id = app.uid() or b.id = app.link()
                                       else t.link_hash = p_link end, false) then
    perform app.fail('UNKNOWN_TICKET', 404);
  end if;
  select ev.* into e from public.event ev where ev.id = t.event_id;
  if t.status = 'void' or b.state <> 'paid' or e.state = 'cancelled' then perform app.fail('TICKET_VOID'); end if;
  if t.status = 'disputed' then perform app.fail('TICKET_DISPUTED'); end if;
  if t.status = 'used' then perform app.fail('TICKET_ENTERED'); end if;
  if e.ends_at <= clock_timestamp() then perform app.fail('EVENT_OVER'); end if;
  return t;
end $$;
