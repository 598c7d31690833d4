-- execute: cv_rules
-- The mailbox behind an address as read_address() in outside/addresses.py gives it, as far as that can be seen: lower
-- case, without a +tag (but "+asha" has nothing before it and stays), and without dots for the one large provider that
-- ignores them. It is what accounts, buyer limits and mails are counted by; of its own result it is the same.
create or replace function app.mailbox(p_address text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when x.host in ('gmail.com', 'googlemail.com') then replace(b.name, '.', '') || '@gmail.com'
              else b.name || '@' || x.host end
    from (select substring(lower(p_address) from '^(.*)@') as name,
                 substring(lower(p_address) from '([^@]*)$') as host) x
   cross join lateral (select coalesce(nullif(split_part(x.name, '+', 1), ''), x.name) as name) b
$$;
