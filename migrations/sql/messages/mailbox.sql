-- execute: cv_rules
-- The mailbox behind an address, as far as that can be seen: lower case, without a +tag, and without dots for the one
-- large provider that ignores them. The same as normalise_email()'s key in accounts/accounts.py.
create or replace function app.mailbox(p_address text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when x.host in ('gmail.com', 'googlemail.com') then replace(x.name, '.', '') || '@gmail.com'
              else x.name || '@' || x.host end
    from (select split_part(substring(lower(p_address) from '^(.*)@'), '+', 1) as name,
                 substring(lower(p_address) from '([^@]*)$') as host) x
$$;
