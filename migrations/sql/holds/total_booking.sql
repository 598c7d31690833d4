-- execute: cv_rules
-- Bring a booking's totals in line with its lines.
create or replace function app.total_booking(p_booking bigint) returns void
language sql volatile set search_path = pg_catalog, pg_temp as $$
  update public.booking b set face = s.face, fee = s.fee, tax = s.tax, total = s.total
    from (select coalesce(sum(face), 0) as face, coalesce(sum(fee), 0) as fee, coalesce(sum(tax), 0) as tax,
                 coalesce(sum(total), 0) as total
            from public.booking_line where booking_id = p_booking) s
   where b.id = p_booking
$$;
