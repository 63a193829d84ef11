import type { SiteTime } from '../site-time.js';
import type { StoredItem, StoredOrder } from './order.js';

/** The order as the REST API of version 3 writes it, and as webhooks carry it. */
export function orderJson(order: StoredOrder, homeUrl: string): Record<string, unknown> {
  const { id, number, total } = order;
  const api = `${homeUrl}wp-json/wc/v3/orders`;
  const orderKey = `wc_order_${id}`;
  return {
    id,
    parent_id: 0,
    status: order.status,
    currency: order.currency,
    version: '9.8.3',
    prices_include_tax: false,
    ...dates(order, 'local', ''),
    ...amounts(total),
    customer_id: 0,
    order_key: orderKey,
    billing: person(order, true),
    shipping: person(order, false),
    payment_method: order.paymentMethod,
    payment_method_title: order.paymentMethod,
    transaction_id: '',
    customer_ip_address: '203.0.113.7',
    customer_user_agent: 'Mozilla/5.0',
    created_via: order.createdVia,
    customer_note: '',
    cart_hash: '',
    number,
    meta_data: metaJson(order.meta),
    line_items: order.items.map(itemJson),
    tax_lines: [],
    shipping_lines: [],
    fee_lines: [],
    coupon_lines: [],
    refunds: order.refunds,
    payment_url: `${homeUrl}checkout/order-pay/${id}/?pay_for_order=true&key=${orderKey}`,
    is_editable: order.status === 'pending',
    needs_payment: ['pending', 'failed', 'checkout-draft'].includes(order.status),
    needs_processing: order.needsProcessing,
    ...dates(order, 'gmt', '_gmt'),
    currency_symbol: '€',
    _links: { self: [{ href: `${api}/${id}` }], collection: [{ href: api }] },
  };
}

function dates(
  { createdAt, modifiedAt, paidAt, completedAt }: StoredOrder,
  form: 'local' | 'gmt',
  suffix: string,
): Record<string, string | null> {
  const text = (time: SiteTime | undefined): string | null => time?.[form] ?? null;
  return {
    [`date_created${suffix}`]: text(createdAt),
    [`date_modified${suffix}`]: text(modifiedAt),
    [`date_completed${suffix}`]: text(completedAt),
    [`date_paid${suffix}`]: text(paidAt),
  };
}

function amounts(total: string): Record<string, string> {
  const zero = '0.00';
  return {
    discount_total: zero,
    discount_tax: zero,
    shipping_total: zero,
    shipping_tax: zero,
    cart_tax: zero,
    total,
    total_tax: zero,
  };
}

function person(order: StoredOrder, withEmail: boolean): Record<string, string> {
  return {
    first_name: order.firstName,
    last_name: order.lastName,
    company: '',
    address_1: '1 Example Street',
    address_2: '',
    city: 'Köln',
    state: '',
    postcode: '50667',
    country: 'DE',
    ...(withEmail ? { email: order.email } : {}),
    phone: '',
  };
}

function itemJson(item: StoredItem): Record<string, unknown> {
  const { id, name, productId, quantity, total, meta } = item;
  return {
    id,
    name,
    product_id: productId,
    variation_id: 0,
    quantity,
    tax_class: '',
    subtotal: total,
    subtotal_tax: '0.00',
    total,
    total_tax: '0.00',
    taxes: [],
    meta_data: metaJson(meta),
    sku: null,
    price: Number(total) / quantity,
    image: { id: '', src: '' },
    parent_name: null,
  };
}

function metaJson(meta: StoredOrder['meta']): unknown[] {
  return meta.map(({ key, value }, index) => ({ id: index + 1, key, value }));
}
