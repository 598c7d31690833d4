-- execute: cv_rules, cv_worker
-- A mail into the outbox, once per key, if app.may_mail() lets it go (MAIL_NEEDS_PAYMENT otherwise).
-- Budgets: what somebody asks for (p_asked) goes out while the mailbox has got less than 10 mails in an hour and 30
-- in a day, and the buyer has had less than 20 and 50 sent; then TOO_MANY_MAILS. What follows from money or a
-- cancelled match is never refused, but waits an hour for every ten that the mailbox got in the last one. Returns
-- null, or the code of what stood against it.
create or replace function app.queue_mail(p_template text, p_recipient text, p_booking bigint, p_key text,
                                          p_payload jsonb default '{}', p_asked boolean default false) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  b public.booking;
  v_mailbox text := app.mailbox(p_recipient);
  m record;
  s record;
begin
  if p_recipient is null then return null; end if;
  select * into b from public.booking k where k.id = p_booking;
  if b.id is not null and not app.may_mail(b.id, b.customer_id, p_recipient) then return 'MAIL_NEEDS_PAYMENT'; end if;
  if p_asked then
    -- Always the buyer, then the mailbox.
    perform pg_advisory_xact_lock(hashtextextended('mails of ' || b.customer_id, 0)) where b.id is not null;
    perform pg_advisory_xact_lock(hashtextextended('mails to ' || v_mailbox, 0));
  end if;
  select count(*) as day, count(*) filter (where n.created_at > clock_timestamp() - interval '1 hour') as hour into m
    from public.notification n where n.mailbox = v_mailbox and n.created_at > clock_timestamp() - interval '1 day';
  if p_asked then
    select count(*) as day, count(*) filter (where n.created_at > clock_timestamp() - interval '1 hour') as hour into s
      from public.notification n
     where n.customer_id = b.customer_id and n.created_at > clock_timestamp() - interval '1 day';
    if m.hour >= 10 or m.day >= 30 or s.hour >= 20 or s.day >= 50 then return 'TOO_MANY_MAILS'; end if;
  end if;
  insert into public.notification (template, recipient, mailbox, booking_id, customer_id, stadium_id, dedupe_key,
                                   payload, due_at)
  values (p_template, p_recipient, v_mailbox, b.id, b.customer_id, b.stadium_id, p_key, coalesce(p_payload, '{}'),
          now() + interval '1 hour' * (m.hour / 10))
  on conflict (dedupe_key) do nothing;
  return null;
end $$;
