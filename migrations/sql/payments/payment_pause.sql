-- execute: cv_app
-- Until when whoever acts is asked to wait before paying (see app.card_pause), or null.
create or replace function app.payment_pause(p_address bytea) returns timestamptz
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select app.card_pause(app.uid(), p_address)
$$;
