-- execute: cv_rules
-- Does this booking, whose claims are sold by now, take its buyer beyond a limit with what was paid before: of seats,
-- by the same customer or with the same e-mail; of bays at one time? Unpaid attempts never count here: anybody can type
-- anybody's address. Under locks, so that of two payments at once one is the second.
create or replace function app.is_over_limit(b public.booking) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if b.event_id is not null then
    perform pg_advisory_xact_lock(app.buyer_lock(b.event_id, b.customer_id));
    if b.email_key is not null then perform pg_advisory_xact_lock(hashtextextended(b.email_key, b.event_id)); end if;
    if app.sold_to(b.event_id, b.customer_id, b.email_key, b.id)
       + (select count(*) from public.seat_claim c where c.booking_id = b.id)
       > (select e.buyer_limit from public.event e where e.id = b.event_id) then
      return true;
    end if;
  end if;
  if not exists (select from public.parking_claim c where c.booking_id = b.id) then return false; end if;
  perform pg_advisory_xact_lock(app.buyer_lock(-b.stadium_id, b.customer_id));
  return exists (select from public.parking_claim c
                  where c.booking_id = b.id
                    and app.bays_of(b.customer_id, b.stadium_id, b.event_id, c.starts_at, c.ends_at, true)
                        > app.bay_limit());
end $$;
