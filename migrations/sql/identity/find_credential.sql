-- execute: cv_app
-- The password hash of the fan with this e-mail, for a sign-in to verify; null when there is none.
create or replace function app.find_credential(p_email_key text) returns table (customer_id bigint, password_hash text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.id, k.password_hash from public.customer c join public.credential k on k.customer_id = c.id
   where c.kind = 'fan' and c.email_key = p_email_key
$$;
