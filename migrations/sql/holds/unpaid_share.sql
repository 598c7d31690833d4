-- execute: cv_rules
-- A setting: how many of these things all browsers without an account may hold unpaid at once from one address
-- (seat_address, bay_address), or one of them alone (seat_browser); and in how many places of one event's waiting list
-- they may stand (waiting_address). A share of what is left, and never less than makes
-- room for a family at a browser and for ten of them behind the one address of a ground's Wi-Fi or a carrier.
create or replace function app.unpaid_share(p_what text, p_left bigint) returns int
language sql immutable parallel safe
return case p_what when 'seat_address' then greatest(40, p_left / 50)
                   when 'seat_browser' then greatest(8, p_left / 200)
                   when 'bay_address' then greatest(8, p_left / 20)
                   when 'waiting_address' then 10 end;
