-- execute: cv_app
-- Replace one's own hash, when the parameters of the algorithm have grown.
create or replace function app.set_password_hash(p_password_hash text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.credential set password_hash = p_password_hash, changed_at = now() where customer_id = app.uid()
$$;
