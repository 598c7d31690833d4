-- execute: cv_app, cv_worker, cv_rules
-- Until when a hold's clock counts on for its buyer's next hold of the same event, so that giving seats back and taking
-- them again gains no time: the end of an unpaid hold and the rest after it. Null for what was paid. What a late
-- sweeper closed had ended by itself. Written to be inlined.
create or replace function app.clock_until(p_state text, p_closed_at timestamptz, p_expires_at timestamptz)
returns timestamptz language sql immutable parallel safe
return case when p_state in ('held', 'paying', 'released', 'expired') then
         least(coalesce(p_closed_at, p_expires_at + case p_state when 'paying' then app.payment_grace()
                                                                 else interval '0' end),
               p_expires_at + app.payment_grace()) + app.hold_rest() end;
