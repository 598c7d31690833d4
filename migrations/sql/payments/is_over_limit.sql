-- execute: cv_rules
-- Would these seats take their buyer beyond the limit, with what was paid before: by the same customer, or with the
-- same e-mail? Unpaid attempts never count here: anybody can type anybody's address. Under locks, so that of two
-- payments at once one is the second.
create or replace function app.is_over_limit(b public.booking, p_limit int) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(app.buyer_lock(b.event_id, b.customer_id));
  if b.email_key is not null then perform pg_advisory_xact_lock(hashtextextended(b.email_key, b.event_id)); end if;
  return app.sold_to(b.event_id, b.customer_id, b.email_key, b.id)
         + (select count(*) from public.booking_line l where l.booking_id = b.id and l.kind = 'seat') > p_limit;
end $$;
