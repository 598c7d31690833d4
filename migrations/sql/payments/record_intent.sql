-- execute: cv_app, cv_worker
-- Stripe has answered: keep the intent's id with our attempt. Only forward.
create or replace function app.record_intent(p_payment bigint, p_intent text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.payment_transaction p set intent_id = p_intent, updated_at = now() from public.booking b
   where p.id = p_payment and b.id = p.booking_id and (b.customer_id = app.uid() or session_user = 'cv_worker')
     and (p.intent_id is null or p.intent_id = p_intent);
  if not found then perform app.fail('UNKNOWN_PAYMENT', 404); end if;
end $$;
