-- execute: cv_app, cv_worker, cv_rules
-- A refund policy as bookings freeze it: until so many hours before the start (null: never) this share of the face
-- value comes back, and the fees unless they are kept.
create or replace function app.refund_policy(p_until_hours int, p_share_bp int, p_keeps_fees boolean) returns jsonb
language sql stable parallel safe
return jsonb_build_object('until_hours', p_until_hours, 'share_bp', p_share_bp, 'keeps_fees', p_keeps_fees);
