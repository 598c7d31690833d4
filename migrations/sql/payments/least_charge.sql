-- execute: cv_app, cv_worker, cv_rules
-- The least amount that the payment provider charges a card in this currency, in minor units (models/currencies.py).
create or replace function app.least_charge(p_currency text) returns bigint language sql immutable parallel safe
return case
  when p_currency in ('ARS', 'AUD', 'BRL', 'CAD', 'CHF', 'COP', 'EUR', 'IDR', 'ILS', 'INR', 'JPY', 'KRW', 'NZD', 'PHP',
                      'SGD', 'USD', 'ZAR') then 50
  when p_currency = 'GBP' then 30
  when p_currency in ('AED', 'MYR', 'PLN', 'RON') then 200
  when p_currency = 'DKK' then 250
  when p_currency in ('NOK', 'SEK') then 300
  when p_currency = 'HKD' then 400
  when p_currency in ('MXN', 'THB') then 1000
  when p_currency = 'CZK' then 1500
  when p_currency = 'HUF' then 17500
  else app.money_step(p_currency)
end;
