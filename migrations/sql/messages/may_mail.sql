-- execute: cv_rules
-- Nobody has proved that an address is theirs, and whoever wants others mailed would type any. So a booking's mails go
-- out once money was paid for it, or to the address of its buyer's own account.
create or replace function app.may_mail(p_booking bigint, p_buyer bigint, p_recipient text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.payment_transaction p
                  where p.booking_id = p_booking and p.state = 'succeeded' and p.kind <> 'none')
      or exists (select from public.customer c
                  where c.id = p_buyer and c.kind = 'fan' and lower(c.email) = lower(p_recipient))
$$;
