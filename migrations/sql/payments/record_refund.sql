-- execute: cv_worker
-- What Stripe says of a refund. A failed one is counted, logged and shown to staff.
create or replace function app.record_refund(p_refund bigint, p_stripe_id text, p_status text,
                                             p_error text default null) returns table (state text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  r public.refund;
  v_state text := case p_status when 'succeeded' then 'succeeded' when 'failed' then 'failed'
                       when 'canceled' then 'failed' when 'unknown' then 'requested' else 'pending' end;
begin
  select * into r from public.refund x where x.id = p_refund for update;
  if r.id is null then return; end if;
  if r.state = 'failed' or (r.state = 'succeeded' and v_state <> 'failed') then
    return query select r.state;
    return;
  end if;
  if r.state = 'pending' and v_state = 'requested' then v_state := 'pending'; end if;
  update public.refund x
     set state = v_state, stripe_refund_id = coalesce(p_stripe_id, x.stripe_refund_id), attempts = x.attempts + 1,
         error = p_error, updated_at = now()
   where x.id = r.id;
  if v_state = 'failed' then
    perform app.log((select b.stadium_id from public.booking b where b.id = r.booking_id), 'refund.failed', 'booking',
                    r.booking_id::text, jsonb_build_object('refund', r.id, 'error', p_error));
  end if;
  return query select v_state;
end $$;
