-- execute: cv_rules
-- A payment moves forward only; what has ended stays ended. Trigger of payment_transaction.
create or replace function app.forward_only() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_order constant text[] := '{created,requires_action,processing,succeeded,failed,canceled}';
begin
  -- Money that arrives on an attempt we had closed is booked all the same; settle_payment says so for this one row.
  if new.state = 'succeeded' and old.state <> 'succeeded' and current_setting('app.reopen', true) = old.id::text then
    return new;
  end if;
  if old.state in ('succeeded', 'failed', 'canceled') and new.state <> old.state
     or array_position(v_order, new.state) < array_position(v_order, old.state) then
    raise exception 'payment % cannot go from % to %', old.id, old.state, new.state using errcode = '23514';
  end if;
  if new.amount <> old.amount or new.currency <> old.currency or new.booking_id <> old.booking_id
     or new.idempotency_key <> old.idempotency_key then
    raise exception 'payment % is fixed', old.id using errcode = '23514';
  end if;
  return new;
end $$;
