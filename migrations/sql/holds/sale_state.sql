-- execute: cv_app, cv_worker, cv_rules
-- What a buyer meets at an event: draft, cancelled, past, stopped, not_yet, ended or on_sale, the first that is true.
-- Whether anything is left is another question. Written to be inlined.
create or replace function app.sale_state(p_state text, p_starts_at timestamptz, p_sale_starts_at timestamptz,
                                          p_sale_ends_at timestamptz, p_at timestamptz default statement_timestamp())
returns text language sql immutable parallel safe
return case when p_state in ('draft', 'cancelled') then p_state
            when p_starts_at < p_at and p_sale_ends_at < p_at then 'past'
            when p_state = 'stopped' then 'stopped'
            when p_sale_starts_at > p_at then 'not_yet'
            when p_sale_ends_at < p_at then 'ended'
            else 'on_sale' end;
