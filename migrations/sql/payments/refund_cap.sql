-- execute: cv_rules
-- No more goes back than came in. Trigger of refund; the payment's row lock makes two refunds wait for each other.
create or replace function app.refund_cap() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_captured bigint;
begin
  select p.captured into v_captured from public.payment_transaction p where p.id = new.payment_id for no key update;
  if (select coalesce(sum(r.amount), 0) from public.refund r
       where r.payment_id = new.payment_id and r.state <> 'failed' and r.id <> new.id)
     + (case when new.state = 'failed' then 0 else new.amount end) > v_captured then
    raise exception 'REFUND_TOO_LARGE' using errcode = 'CV409';
  end if;
  return new;
end $$;
