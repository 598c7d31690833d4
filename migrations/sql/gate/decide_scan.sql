-- execute: cv_rules
-- The rule's last part, from what stands of the right: revoked or void → disputed → identity → inside already →
-- admitted. decide() in static/js/gate/rule.js is the same from what the phone knows, and both are tried on the same
-- cases. What comes before (signature, event, validity, zone) was judged by gate/admit.py and is `p_found`.
create or replace function app.decide_scan(p_found text, p_status text, p_is_newest boolean, p_is_inside boolean)
returns text language sql immutable parallel safe
return case when not app.is_good_so_far(p_found) then p_found
            when p_status = 'void' or not p_is_newest then 'void'
            when p_found = 'left' then case when p_is_inside then 'left' else 'not_inside' end
            when p_status = 'disputed' then 'disputed'
            when p_found <> 'admitted' then p_found
            when p_is_inside then 'already_used'
            else 'admitted' end;
