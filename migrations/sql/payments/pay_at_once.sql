-- execute: cv_app
-- A payment begun in one statement: who acts (begin.sql), and the attempt (start_payment.sql, whose refusals these
-- are).
create or replace function app.pay_at_once(p_session bytea, p_booking bigint, p_name text, p_email text,
                                           p_address bytea)
returns table (payment_id bigint, booking_id bigint, reference text, kind text, state text, amount bigint,
               currency text, idempotency_key text, intent_id text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform app.begin(p_session);
  return query select * from app.start_payment(p_booking, p_name, p_email, null, p_address);
end $$;
