-- execute: cv_worker
create or replace function app.finish_payment_event(p_id text, p_outcome text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.payment_event set handled_at = now(), outcome = p_outcome where id = p_id and handled_at is null
$$;
