-- execute: cv_app, cv_worker, cv_rules
-- Of how many minor units every amount in this currency is a multiple, for the payment provider takes no others
-- (models/currencies.py says why).
create or replace function app.money_step(p_currency text) returns bigint language sql immutable parallel safe
return case when p_currency in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 10 when p_currency = 'MGA' then 100 else 1 end;
