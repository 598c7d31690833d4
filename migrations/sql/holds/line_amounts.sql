-- execute: cv_app, cv_worker, cv_rules
-- What a line costs, in minor units; each amount rounded half up. Fee = share of the face + so much a ticket, and what
-- brings both to the next step of the currency (app.money_step). The tax is inside the price (taken out of face + fee)
-- or comes on top, in steps. Written to be inlined: a table function of one row whose body is parsed here, once.
create or replace function app.line_amounts(p_face bigint, p_fee_bp int, p_fee_each bigint, p_tax_bp int,
                                            p_tax_inside boolean, p_step bigint default 1)
returns table (fee bigint, tax bigint, total bigint) language sql immutable parallel safe rows 1
begin atomic
  select f.fee,
         case when p_tax_inside then (2 * (p_face + f.fee) * p_tax_bp + 10000 + p_tax_bp) / (2 * (10000 + p_tax_bp))
              else ((p_face + f.fee) * p_tax_bp + 5000 * p_step) / (10000 * p_step) * p_step end,
         p_face + f.fee
         + case when p_tax_inside then 0
                else ((p_face + f.fee) * p_tax_bp + 5000 * p_step) / (10000 * p_step) * p_step end
    from (select case when p_face = 0 then 0
                      else (p_face + (p_face * p_fee_bp + 5000) / 10000 + p_fee_each + p_step - 1) / p_step * p_step
                           - p_face
                 end as fee) f;
end;
