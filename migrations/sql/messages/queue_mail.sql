-- execute: cv_rules, cv_worker
-- A mail into the outbox, once per key.
create or replace function app.queue_mail(p_template text, p_recipient text, p_booking bigint, p_key text,
                                          p_payload jsonb default '{}') returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.notification (template, recipient, booking_id, customer_id, stadium_id, dedupe_key, payload)
  select p_template, p_recipient, b.id, b.customer_id, b.stadium_id, p_key, coalesce(p_payload, '{}')
    from (select p_booking as wanted) x left join public.booking b on b.id = x.wanted
   where p_recipient is not null
  on conflict (dedupe_key) do nothing
$$;
