-- execute: cv_rules
-- When a scan was made. What the server decides (nothing was `shown`) happens now. What a phone has decided: its clock,
-- corrected by the offset that it measured, but never before its last contact or its pairing, and never after now.
create or replace function app.scanned_at(p_scan jsonb, p_paired_at timestamptz, p_now timestamptz)
returns timestamptz language sql immutable parallel safe
return case when p_scan ->> 'shown' is null then p_now
            else least(p_now, greatest(
              to_timestamp(((p_scan ->> 'at')::float8 + coalesce((p_scan ->> 'offset')::float8, 0)) / 1000),
              to_timestamp((p_scan ->> 'synced_at')::float8 / 1000), coalesce(p_paired_at, '-infinity'))) end;
