-- execute: cv_worker
-- Sent (with the provider's id), or try again later: 10 s, 20 s, 40 s … up to an hour; given up after a day.
create or replace function app.finish_notification(p_id bigint, p_provider_id text, p_error text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.notification n
     set state = case when p_error is null then 'sent' when n.created_at < now() - interval '24 hours' then 'dead'
                      else 'queued' end,
         sent_at = case when p_error is null then now() end, provider_id = coalesce(p_provider_id, n.provider_id),
         error = p_error, leased_until = null,
         due_at = case when p_error is null then n.due_at
                       else clock_timestamp() + least(interval '1 hour',
                                                      interval '5 seconds' * power(2, n.attempts)) end
   where n.id = p_id and n.state = 'queued'
$$;
