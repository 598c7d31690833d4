-- execute: cv_app
-- How the password hash of the fan with this address (or the mailbox of one) is made: the stored one with nothing but
-- A's in place of the hash, so that whoever has the password can make it again, and nobody reads it. No row when there
-- is no such fan.
create or replace function app.find_credential(p_email_key text) returns table (customer_id bigint, recipe text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select c.id, rpad(h.head, length(k.password_hash), 'A')
    from public.customer c join public.credential k on k.customer_id = c.id
   cross join lateral (select substring(k.password_hash from '^.*\$') as head) h
   where c.kind = 'fan' and c.email_key = app.mailbox(p_email_key)
$$;
