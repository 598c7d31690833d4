-- execute: cv_worker
-- Keep a Stripe event for good: p_body as it came, p_payload to be read (U+FFFD for what jsonb cannot hold). Answers
-- whether it still has to be handled, and otherwise what came of it: a repeat of a handled one needs nothing. Neither
-- does one that asks for nothing but the settlement of an intent (p_settles) that has succeeded here already, for
-- whatever Stripe said of it now would change nothing; nor one of which p_outcome says so.
create or replace function app.store_payment_event(p_id text, p_type text, p_object text, p_payload jsonb,
                                                   p_body bytea default null, p_settles text default null,
                                                   p_outcome text default null)
returns table (is_open boolean, outcome text)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  v_outcome text := p_outcome;
begin
  if v_outcome is null and p_settles is not null then
    select case b.state when 'lost' then 'lost' else 'already' end into v_outcome
      from public.payment_transaction p join public.booking b on b.id = p.booking_id
     where p.intent_id = p_settles and p.state = 'succeeded';
  end if;
  insert into public.payment_event (id, type, object_id, payload, body, handled_at, outcome)
  values (p_id, p_type, p_object, p_payload, p_body, case when v_outcome is not null then now() end, v_outcome)
  on conflict (id) do nothing;
  if found then
    return query select v_outcome is null, v_outcome;
  else
    return query select e.handled_at is null, 'repeated' from public.payment_event e where e.id = p_id;
  end if;
end $$;
