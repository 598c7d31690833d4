-- execute: cv_app
-- Replace one's own hash, when the parameters of the algorithm have grown. Only who knows the old one, by the password,
-- can.
create or replace function app.set_password_hash(p_old text, p_new text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.credential set password_hash = p_new, changed_at = now()
   where customer_id = app.uid() and password_hash = p_old
$$;
