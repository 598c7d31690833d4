-- execute: cv_rules
-- A mail that somebody asks for now: into the outbox by app.queue_mail(), or refused with what stands against it.
create or replace function app.ask_mail(p_template text, p_recipient text, p_booking bigint, p_key text,
                                        p_payload jsonb default '{}') returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_problem text := app.queue_mail(p_template, p_recipient, p_booking, p_key, p_payload, true);
begin
  if v_problem = 'TOO_MANY_MAILS' then perform app.fail('TOO_MANY_MAILS', 429); end if;
  if v_problem is not null then perform app.fail('MAIL_NEEDS_PAYMENT'); end if;
end $$;
