-- execute: cv_worker
-- Keep a Stripe event for good: p_body as it came, p_payload to be read (U+FFFD for what jsonb cannot hold). Answers
-- whether it still has to be handled: a repeat of a handled one does not.
create or replace function app.store_payment_event(p_id text, p_type text, p_object text, p_payload jsonb,
                                                   p_body bytea default null)
returns table (is_open boolean)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.payment_event (id, type, object_id, payload, body)
  values (p_id, p_type, p_object, p_payload, p_body)
  on conflict (id) do nothing;
  return query select e.handled_at is null from public.payment_event e where e.id = p_id;
end $$;
