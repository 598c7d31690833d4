-- execute: cv_app, cv_worker, cv_rules
-- A setting: the minutes of a hold where no event says otherwise, as for parking without a match.
create or replace function app.usual_hold_minutes() returns int language sql immutable parallel safe
return 10;
