-- execute: cv_worker
-- Take due mails for a minute; nobody else gets them meanwhile. After 24 hours a mail that cannot be sent is dead, and
-- alarms.
create or replace function app.lease_notifications(p_limit int default 20) returns setof public.notification
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update public.notification n set leased_until = clock_timestamp() + interval '60 seconds', attempts = n.attempts + 1
   where n.id in (select id from public.notification where state = 'queued' and due_at <= clock_timestamp()
                     and (leased_until is null or leased_until < clock_timestamp())
                   order by due_at limit p_limit for update skip locked)
  returning n.*
$$;
