/** Made from the API's OpenAPI document by `npm run docs`: do not edit. */

export const OPERATIONS = {
  getAccountsMe: 'GET /v1/accounts/me',
  postAccounts: 'POST /v1/accounts',
  postAccountsByNameTokens: 'POST /v1/accounts/{name}/tokens',
  postAccountsByNameTokensRevoke: 'POST /v1/accounts/{name}/tokens/revoke',
  postAccountsByNameCredits: 'POST /v1/accounts/{name}/credits',
  getCreditsByLedgerAddressesByAddress: 'GET /v1/credits/{ledger}/addresses/{address}',
  getCreditsByLedgerAddresses: 'GET /v1/credits/{ledger}/addresses',
  getCreditsByLedgerAddressesByAddressHistory:
    'GET /v1/credits/{ledger}/addresses/{address}/history',
  getCreditsByLedgerAddressesByAddressSummary:
    'GET /v1/credits/{ledger}/addresses/{address}/summary',
  getCreditsResourcesByHashConsumed: 'GET /v1/credits/resources/{hash}/consumed',
  postActions: 'POST /v1/actions',
  getActions: 'GET /v1/actions',
  getActionsById: 'GET /v1/actions/{id}',
  postStartTokens: 'POST /v1/start-tokens',
  postActionsByIdCancel: 'POST /v1/actions/{id}/cancel',
  postActionsByIdRetry: 'POST /v1/actions/{id}/retry',
  postActionsByIdClaimsCollect: 'POST /v1/actions/{id}/claims/collect',
  getItems: 'GET /v1/items',
  getSearch: 'GET /v1/search',
  getItemsById: 'GET /v1/items/{id}',
  postItemsByIdDelete: 'POST /v1/items/{id}/delete',
  getItemsByIdComments: 'GET /v1/items/{id}/comments',
  getAccountsMeStatement: 'GET /v1/accounts/me/statement',
  getNotices: 'GET /v1/notices',
  getNoticesUnread: 'GET /v1/notices/unread',
  postNoticesRead: 'POST /v1/notices/read',
  postNoticesByIdDismiss: 'POST /v1/notices/{id}/dismiss',
  postActionsByIdDismiss: 'POST /v1/actions/{id}/dismiss',
  getPush: 'GET /v1/push',
  postPush: 'POST /v1/push',
  deletePushById: 'DELETE /v1/push/{id}',
  getEvents: 'GET /v1/events',
  getItemsByIdEvents: 'GET /v1/items/{id}/events',
  getIncidents: 'GET /v1/incidents',
  getIncidentsById: 'GET /v1/incidents/{id}',
  putIncidentsByIdMute: 'PUT /v1/incidents/{id}/mute',
  postIncidentsByIdResolve: 'POST /v1/incidents/{id}/resolve',
  getStoresByStoreChannels: 'GET /v1/stores/{store}/channels',
  putStoresByStoreChannelsByName: 'PUT /v1/stores/{store}/channels/{name}',
  deleteStoresByStoreChannelsByName: 'DELETE /v1/stores/{store}/channels/{name}',
  postStoresByStoreChannelsByNameTest: 'POST /v1/stores/{store}/channels/{name}/test',
  getOperatorStuck: 'GET /v1/operator/stuck',
  getOperatorOutbox: 'GET /v1/operator/outbox',
  getOperatorTransitionsByMachineBySubject: 'GET /v1/operator/transitions/{machine}/{subject}',
  getOperatorTransmissions: 'GET /v1/operator/transmissions',
  getOperatorActions: 'GET /v1/operator/actions',
  getOperatorOperators: 'GET /v1/operator/operators',
  postOperatorOperators: 'POST /v1/operator/operators',
  postOperatorOperatorsByNameRevoke: 'POST /v1/operator/operators/{name}/revoke',
  postAccountsByNameFreeze: 'POST /v1/accounts/{name}/freeze',
  postAccountsByNameUnfreeze: 'POST /v1/accounts/{name}/unfreeze',
  getOperatorAudit: 'GET /v1/operator/audit',
  getOperatorTokens: 'GET /v1/operator/tokens',
  postOperatorTokensByIdRevoke: 'POST /v1/operator/tokens/{id}/revoke',
  postAccountsMeTokensRotate: 'POST /v1/accounts/me/tokens/rotate',
  getOperatorGrants: 'GET /v1/operator/grants',
  postOperatorGrantsByIdApprove: 'POST /v1/operator/grants/{id}/approve',
  postOperatorGrantsByIdReject: 'POST /v1/operator/grants/{id}/reject',
  postOperatorGrantsByIdReverse: 'POST /v1/operator/grants/{id}/reverse',
  getOperatorPaymentsById: 'GET /v1/operator/payments/{id}',
  postTransmissionsDrafts: 'POST /v1/transmissions/drafts',
  postTransmissions: 'POST /v1/transmissions',
  getTransmissions: 'GET /v1/transmissions',
  getTransmissionsById: 'GET /v1/transmissions/{id}',
  postTransmissionsByIdBump: 'POST /v1/transmissions/{id}/bump',
  postTransmissionsByIdCancel: 'POST /v1/transmissions/{id}/cancel',
  postTransmissionsByIdClaimsCollect: 'POST /v1/transmissions/{id}/claims/collect',
  postTransmissionsByIdClaimsWithdraw: 'POST /v1/transmissions/{id}/claims/withdraw',
  putWallets: 'PUT /v1/wallets',
  getWallets: 'GET /v1/wallets',
  postWithdrawals: 'POST /v1/withdrawals',
  putWithdrawalsAuto: 'PUT /v1/withdrawals/auto',
  getWithdrawalsAuto: 'GET /v1/withdrawals/auto',
  getStoresByStoreThresholds: 'GET /v1/stores/{store}/thresholds',
  putStoresByStoreOpeningHours: 'PUT /v1/stores/{store}/opening-hours',
  postStores: 'POST /v1/stores',
  getStores: 'GET /v1/stores',
  postStoresByStoreSecrets: 'POST /v1/stores/{store}/secrets',
  getStoresByStore: 'GET /v1/stores/{store}',
  getStoresByStoreOrders: 'GET /v1/stores/{store}/orders',
  getStoresByStoreOrdersByOrder: 'GET /v1/stores/{store}/orders/{order}',
  postStoresByStoreReconcile: 'POST /v1/stores/{store}/reconcile',
  postStoresByStoreRecover: 'POST /v1/stores/{store}/recover',
  postStoresByStoreClose: 'POST /v1/stores/{store}/close',
  getStoresByStoreDeadLetters: 'GET /v1/stores/{store}/dead-letters',
  postStoresByStoreDeadLettersReplay: 'POST /v1/stores/{store}/dead-letters/replay',
  postStoresByStoreErasures: 'POST /v1/stores/{store}/erasures',
  putStoresByStoreKeeping: 'PUT /v1/stores/{store}/keeping',
  getStoresByStoreParticipants: 'GET /v1/stores/{store}/participants',
  postStoresByStoreSlips: 'POST /v1/stores/{store}/slips',
  putStoresByStoreSlips: 'PUT /v1/stores/{store}/slips',
  postWebhooks: 'POST /v1/webhooks',
  getWebhooks: 'GET /v1/webhooks',
  getWebhooksById: 'GET /v1/webhooks/{id}',
  patchWebhooksById: 'PATCH /v1/webhooks/{id}',
  deleteWebhooksById: 'DELETE /v1/webhooks/{id}',
  postWebhooksByIdRotate: 'POST /v1/webhooks/{id}/rotate',
  getWebhooksByIdDeliveries: 'GET /v1/webhooks/{id}/deliveries',
  postWebhooksByIdTest: 'POST /v1/webhooks/{id}/test',
  postWebhooksByIdReplay: 'POST /v1/webhooks/{id}/replay',
  getTerritories: 'GET /v1/territories',
  getTerritoriesByName: 'GET /v1/territories/{name}',
  patchTerritoriesByName: 'PATCH /v1/territories/{name}',
  postTerritoriesByNameTransfer: 'POST /v1/territories/{name}/transfer',
  postInvites: 'POST /v1/invites',
  getInvites: 'GET /v1/invites',
  postInvitesByCodeRevoke: 'POST /v1/invites/{code}/revoke',
  postInvitesByCodeRedeem: 'POST /v1/invites/{code}/redeem',
  getRewards: 'GET /v1/rewards',
  getRewardsMe: 'GET /v1/rewards/me',
  getStreaksMe: 'GET /v1/streaks/me',
  getStatistics: 'GET /v1/statistics',
  getAccountsMeSettings: 'GET /v1/accounts/me/settings',
  patchAccountsMeSettings: 'PATCH /v1/accounts/me/settings',
  getAccountsMeUnread: 'GET /v1/accounts/me/unread',
  postAccountsMeSeen: 'POST /v1/accounts/me/seen',
  getAccountsMeFollows: 'GET /v1/accounts/me/follows',
  putAccountsMeFollowsByName: 'PUT /v1/accounts/me/follows/{name}',
  deleteAccountsMeFollowsByName: 'DELETE /v1/accounts/me/follows/{name}',
  getAccountsMeMutes: 'GET /v1/accounts/me/mutes',
  putAccountsMeMutesByName: 'PUT /v1/accounts/me/mutes/{name}',
  deleteAccountsMeMutesByName: 'DELETE /v1/accounts/me/mutes/{name}',
  getAccountsMeTerritories: 'GET /v1/accounts/me/territories',
  putAccountsMeTerritoriesByName: 'PUT /v1/accounts/me/territories/{name}',
  deleteAccountsMeTerritoriesByName: 'DELETE /v1/accounts/me/territories/{name}',
  postSignUp: 'POST /v1/sign-up',
  postLoginLnurl: 'POST /v1/login/lnurl',
  getLoginLnurlCallback: 'GET /v1/login/lnurl/callback',
  postLoginLnurlToken: 'POST /v1/login/lnurl/token',
  postUploads: 'POST /v1/uploads',
  getUploadsById: 'GET /v1/uploads/{id}',
  postCreditsMessages: 'POST /v1/credits/messages',
} as const;

export type OperationName = keyof Operations;

/** What each operation takes and answers. */
export interface Operations {
  getAccountsMe: { answer: OwnAccountJson };
  postAccounts: {
    body: { name: string; role?: 'user' | 'operator' | 'support' | 'finance' | 'metrics' };
    answer: AccountWithTokenJson;
  };
  postAccountsByNameTokens: {
    params: { name: string };
    body: {
      label?: string;
      scopes?:
        | (
            | 'own'
            | 'read'
            | 'accounts'
            | 'grants'
            | 'operators'
            | 'stores'
            | 'credits'
            | 'payments'
            | 'metrics'
          )[]
        | null;
      days?: number;
    };
    answer: AccountWithTokenJson;
  };
  postAccountsByNameTokensRevoke: {
    params: { name: string };
    body: Record<string, never> | null;
    answer: AccountJson;
  };
  postAccountsByNameCredits: {
    params: { name: string };
    body: { asset?: 'CREDITS' | 'SATS'; amountMsat: string; reason: string; expiresAt?: string };
    answer: GrantJson;
  };
  getCreditsByLedgerAddressesByAddress: {
    params: { ledger: 'actions' | 'aleph'; address: string };
    answer: CreditBalanceJson;
  };
  getCreditsByLedgerAddresses: {
    params: { ledger: 'actions' | 'aleph' };
    query?: { cursor?: string | number; limit?: string | number; minBalance?: string | number };
    answer: CreditBalancePageJson;
  };
  getCreditsByLedgerAddressesByAddressHistory: {
    params: { ledger: 'actions' | 'aleph'; address: string };
    query?: {
      cursor?: string | number;
      limit?: string | number;
      txHash?: string | number;
      token?: string | number;
      chain?: string | number;
      provider?: string | number;
      origin?: string | number;
      originRef?: string | number;
      paymentMethod?: string | number;
      resource?: string | number;
      direction?: 'incoming' | 'outgoing';
      hasExpiration?: 'true' | 'false';
      excludePaymentMethods?: string | number;
      from?: string | number;
      to?: string | number;
    };
    answer: CreditHistoryPageJson;
  };
  getCreditsByLedgerAddressesByAddressSummary: {
    params: { ledger: 'actions' | 'aleph'; address: string };
    query?: {
      txHash?: string | number;
      token?: string | number;
      chain?: string | number;
      provider?: string | number;
      origin?: string | number;
      originRef?: string | number;
      paymentMethod?: string | number;
      resource?: string | number;
      direction?: 'incoming' | 'outgoing';
      hasExpiration?: 'true' | 'false';
      excludePaymentMethods?: string | number;
      from?: string | number;
      to?: string | number;
    };
    answer: CreditSummaryJson;
  };
  getCreditsResourcesByHashConsumed: { params: { hash: string }; answer: ConsumedCreditsJson };
  postActions: {
    body: {
      type: string;
      args:
        | ArgsofITEMCREATEJson
        | ArgsofITEMUPDATEJson
        | ArgsofZAPJson
        | ArgsofDOWNZAPJson
        | ArgsofBOOSTJson
        | ArgsofPOLLVOTEJson
        | ArgsofDONATEJson
        | ArgsofBUYCREDITSJson
        | ArgsofTERRITORYCREATEJson
        | ArgsofTERRITORYUPDATEJson
        | ArgsofTERRITORYBILLINGJson
        | ArgsofTERRITORYUNARCHIVEJson
        | ArgsofBOUNTYPAYMENTJson;
      payment?: 'auto' | 'credits' | 'invoice';
      invoiceExpirySeconds?: number;
    };
    answer: OpenedActionJson;
  };
  getActions: {
    query?: {
      state?: 'open' | 'paid' | 'failed';
      cursor?: string | number;
      limit?: string | number;
    };
    answer: ActionPageJson;
  };
  getActionsById: { params: { id: string }; answer: ActionJson };
  postStartTokens: {
    body: { type: string; maxCostMsat: string; validSeconds?: number };
    answer: StartTokenJson;
  };
  postActionsByIdCancel: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: ActionJson;
  };
  postActionsByIdRetry: {
    params: { id: string };
    body: {
      attempt: number;
      payment?: 'auto' | 'credits' | 'invoice';
      invoiceExpirySeconds?: number;
    };
    answer: ActionJson;
  };
  postActionsByIdClaimsCollect: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: CollectedActionJson;
  };
  getItems: {
    query?: {
      author?: 'me';
      territory?: string | number;
      sort?: 'hot' | 'recent' | 'top';
      cursor?: string | number;
      limit?: string | number;
    };
    answer: ItemPageJson;
  };
  getSearch: {
    query?: { q: string | number; cursor?: string | number; limit?: string | number };
    answer: ItemPageJson;
  };
  getItemsById: { params: { id: string }; answer: ItemJson };
  postItemsByIdDelete: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: ItemJson;
  };
  getItemsByIdComments: {
    params: { id: string };
    query?: { sort?: 'hot' | 'recent' | 'top'; cursor?: string | number; limit?: string | number };
    answer: CommentPageJson;
  };
  getAccountsMeStatement: {
    query?: { cursor?: string | number; limit?: string | number };
    answer: StatementJson;
  };
  getNotices: {
    query?: { cursor?: string | number; limit?: string | number };
    answer: NoticePageJson;
  };
  getNoticesUnread: { answer: UnreadNoticesJson };
  postNoticesRead: { body: { through?: string }; answer: UnreadNoticesJson };
  postNoticesByIdDismiss: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: UnreadNoticesJson;
  };
  postActionsByIdDismiss: {
    params: { id: string };
    body: { attempt: number };
    answer: UnreadNoticesJson;
  };
  getPush: { answer: { publicKey: string | null; subscriptions: PushSubscriptionJson[] } };
  postPush: {
    body: { endpoint: string; keys: { p256dh: string; auth: string } };
    answer: PushSubscriptionJson;
  };
  deletePushById: {
    params: { id: string };
    answer: { publicKey: string | null; subscriptions: PushSubscriptionJson[] };
  };
  getEvents: { answer: string };
  getItemsByIdEvents: { params: { id: string }; answer: string };
  getIncidents: {
    query?: {
      cursor?: string | number;
      limit?: string | number;
      store?: string | number;
      open?: 'true' | 'false';
    };
    answer: IncidentPageJson;
  };
  getIncidentsById: { params: { id: string }; answer: IncidentJson };
  putIncidentsByIdMute: {
    params: { id: string };
    body: { until: string | null };
    answer: IncidentJson;
  };
  postIncidentsByIdResolve: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: IncidentJson;
  };
  getStoresByStoreChannels: { params: { store: string }; answer: ChannelsJson };
  putStoresByStoreChannelsByName: {
    params: { store: string; name: string };
    body:
      | { kind: 'mail'; to: string[]; digest?: boolean }
      | { kind: 'chat'; hook: string; digest?: boolean };
    answer: ChannelJson;
  };
  deleteStoresByStoreChannelsByName: {
    params: { store: string; name: string };
    answer: ChannelsJson;
  };
  postStoresByStoreChannelsByNameTest: {
    params: { store: string; name: string };
    body: Record<string, never> | null;
    answer: MessageQueuedJson;
  };
  getOperatorStuck: {
    query?: { cursor?: string | number; limit?: string | number };
    answer: StuckProcessesJson;
  };
  getOperatorOutbox: {
    query?: { cursor?: string | number; limit?: string | number };
    answer: OutboxPageJson;
  };
  getOperatorTransitionsByMachineBySubject: {
    params: { machine: 'attempt' | 'order' | 'territory'; subject: string };
    query?: { cursor?: string | number; limit?: string | number };
    answer: TransitionPageJson;
  };
  getOperatorTransmissions: { answer: TransmissionTroublesJson };
  getOperatorActions: {
    query?: {
      state?: 'open' | 'paid' | 'failed';
      cursor?: string | number;
      limit?: string | number;
      account: string | number;
    };
    answer: ActionPageJson;
  };
  getOperatorOperators: { answer: OperatorsJson };
  postOperatorOperators: {
    body: {
      name: string;
      role?: 'operator' | 'support' | 'finance' | 'metrics';
      because: string;
      label?: string;
      scopes?:
        | (
            | 'own'
            | 'read'
            | 'accounts'
            | 'grants'
            | 'operators'
            | 'stores'
            | 'credits'
            | 'payments'
            | 'metrics'
          )[]
        | null;
      days?: number;
    };
    answer: AccountWithTokenJson;
  };
  postOperatorOperatorsByNameRevoke: {
    params: { name: string };
    body: { because: string };
    answer: AccountJson;
  };
  postAccountsByNameFreeze: {
    params: { name: string };
    body: { because: string };
    answer: AccountJson;
  };
  postAccountsByNameUnfreeze: {
    params: { name: string };
    body: { because: string };
    answer: AccountJson;
  };
  getOperatorAudit: {
    query?: {
      actor?: string | number;
      target?: string | number;
      cursor?: string | number;
      limit?: string | number;
    };
    answer: AuditJson;
  };
  getOperatorTokens: { query?: { account?: string | number }; answer: TokensJson };
  postOperatorTokensByIdRevoke: {
    params: { id: string };
    body: { because: string };
    answer: RevokedTokenJson;
  };
  postAccountsMeTokensRotate: { body: Record<string, never> | null; answer: RotatedTokenJson };
  getOperatorGrants: {
    query?: { state?: 'pending' | 'granted' | 'rejected' | 'reversed' };
    answer: GrantsJson;
  };
  postOperatorGrantsByIdApprove: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: GrantJson;
  };
  postOperatorGrantsByIdReject: {
    params: { id: string };
    body: { because: string };
    answer: DoneJson;
  };
  postOperatorGrantsByIdReverse: {
    params: { id: string };
    body: { because: string };
    answer: DoneJson;
  };
  getOperatorPaymentsById: { params: { id: string }; answer: PaymentStoryJson };
  postTransmissionsDrafts: { body: { message: string }; answer: DraftJson };
  postTransmissions: {
    body: {
      channel?: number;
      bidMsat?: string;
      regions?: (0 | 1 | 2 | 3 | 4 | 5)[];
      text?: string;
      message?: string;
      draftId?: string;
    };
    answer: OpenedTransmissionJson;
  };
  getTransmissions: {
    query?: { cursor?: string | number; limit?: string | number; channel?: string | number };
    answer: TransmissionPageJson;
  };
  getTransmissionsById: { params: { id: string }; answer: TransmissionJson };
  postTransmissionsByIdBump: {
    params: { id: string };
    body: { amountMsat: string };
    answer: TransmissionJson;
  };
  postTransmissionsByIdCancel: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: TransmissionJson;
  };
  postTransmissionsByIdClaimsCollect: {
    params: { id: string };
    body: { asset?: 'CREDITS' | 'SATS' };
    answer: CollectedTransmissionJson;
  };
  postTransmissionsByIdClaimsWithdraw: {
    params: { id: string };
    body: { bolt11: string; amountMsat?: string; maxFeeMsat?: string };
    answer: TransmissionJson;
  };
  putWallets: {
    body: {
      kind: 'simulator' | 'lightning_address' | 'nwc' | 'lnd';
      address: string;
      priority?: number;
      enabled?: boolean;
      maxPending?: number | null;
    };
    answer: WalletJson;
  };
  getWallets: { answer: { wallets: WalletJson[] } };
  postWithdrawals: {
    body: { bolt11: string; amountMsat?: string; maxFeeMsat?: string };
    answer: OpenedActionJson;
  };
  putWithdrawalsAuto: { body: { thresholdMsat: string | null }; answer: AutoWithdrawalJson };
  getWithdrawalsAuto: { answer: AutoWithdrawalJson };
  getStoresByStoreThresholds: {
    params: { store: string };
    query?: { cursor?: string | number; limit?: string | number };
    answer: StoreThresholdsJson;
  };
  putStoresByStoreOpeningHours: {
    params: { store: string };
    body: {
      week: [number, number][][];
      holidays?: string[];
      alarmsPerDay?: number | null;
      medianHours?: number;
    };
    answer: OpeningHoursJson;
  };
  postStores: {
    body: {
      id: string;
      url: string;
      name: string;
      zone?: string;
      secrets?: string[];
      apiKey?: { key: string; secret: string };
      createWebhooks?: boolean;
      settings?: {
        graceSeconds?: number;
        reconcileSeconds?: number;
        overlapSeconds?: number;
        webhookPollSeconds?: number;
        silenceSeconds?: number;
        unverifiedSeconds?: number;
        calmSeconds?: number;
        slips?: {
          statuses?: string[];
          products?: string[] | null;
          nameKeys?: string[];
          emailKeys?: string[];
          fieldKeys?: string[];
          subject?: string;
          text?: string;
          html?: string;
          mailRecovered?: boolean;
          graceSeconds?: number;
        } | null;
        keepBodiesDays?: number;
        keepPersonsDays?: number;
        mostIds?: number;
      };
    };
    answer: NewStoreJson;
  };
  getStores: {
    query?: { cursor?: string | number; limit?: string | number };
    answer: StorePageJson;
  };
  postStoresByStoreSecrets: {
    params: { store: string };
    body: { secret: string; topic?: string; webhookId?: string };
    answer: { added: true };
  };
  getStoresByStore: { params: { store: string }; answer: StoreJson };
  getStoresByStoreOrders: {
    params: { store: string };
    query?: { cursor?: string | number; limit?: string | number };
    answer: StoreOrderPageJson;
  };
  getStoresByStoreOrdersByOrder: {
    params: { store: string; order: string };
    answer: StoreOrderWithTrailJson;
  };
  postStoresByStoreReconcile: {
    params: { store: string };
    body: Record<string, never> | null;
    answer: StoreCheckedJson;
  };
  postStoresByStoreRecover: {
    params: { store: string };
    body: { since: string; preview?: boolean };
    answer: StoreRecoveredJson;
  };
  postStoresByStoreClose: {
    params: { store: string };
    body: Record<string, never> | null;
    answer: ClosedStoreJson;
  };
  getStoresByStoreDeadLetters: {
    params: { store: string };
    query?: { cursor?: string | number; limit?: string | number };
    answer: StoreDeadLetterPageJson;
  };
  postStoresByStoreDeadLettersReplay: {
    params: { store: string };
    body: { ids?: string[]; preview?: boolean };
    answer: StoreReplayedJson;
  };
  postStoresByStoreErasures: {
    params: { store: string };
    body: { email?: string; order?: string; before?: string; preview?: boolean };
    answer: StoreErasedJson;
  };
  putStoresByStoreKeeping: {
    params: { store: string };
    body: { keepBodiesDays: number; keepPersonsDays: number };
    answer: StoreKeepingJson;
  };
  getStoresByStoreParticipants: {
    params: { store: string };
    query?: { cursor?: string | number; limit?: string | number; order?: string | number };
    answer: ParticipantPageJson;
  };
  postStoresByStoreSlips: {
    params: { store: string };
    body: { order?: string | null; again?: boolean; preview?: boolean };
    answer: SlipsAskedJson;
  };
  putStoresByStoreSlips: {
    params: { store: string };
    body: {
      slips: {
        statuses?: string[];
        products?: string[] | null;
        nameKeys?: string[];
        emailKeys?: string[];
        fieldKeys?: string[];
        subject?: string;
        text?: string;
        html?: string;
        mailRecovered?: boolean;
        graceSeconds?: number;
      } | null;
    };
    answer: SlipRulesJson;
  };
  postWebhooks: {
    body: { url: string; description?: string; events?: string[]; signing?: 'v1' | 'v1a' };
    answer: WebhookWithKeyJson;
  };
  getWebhooks: { answer: WebhooksJson };
  getWebhooksById: { params: { id: string }; answer: WebhookJson };
  patchWebhooksById: {
    params: { id: string };
    body: { url?: string; description?: string; events?: string[]; enabled?: boolean };
    answer: WebhookJson;
  };
  deleteWebhooksById: { params: { id: string }; answer: WebhooksJson };
  postWebhooksByIdRotate: {
    params: { id: string };
    body: { overlapSeconds?: number } | null;
    answer: WebhookWithKeyJson;
  };
  getWebhooksByIdDeliveries: {
    params: { id: string };
    query?: {
      state?: 'waiting' | 'delivered' | 'given_up';
      cursor?: string | number;
      limit?: string | number;
    };
    answer: WebhookDeliveriesJson;
  };
  postWebhooksByIdTest: {
    params: { id: string };
    body: Record<string, never> | null;
    answer: WebhookTestJson;
  };
  postWebhooksByIdReplay: {
    params: { id: string };
    body: { since: string; only?: 'undelivered' | 'all'; preview?: boolean };
    answer: WebhookReplayJson;
  };
  getTerritories: {
    query?: { cursor?: string | number; limit?: string | number };
    answer: { territories: TerritoryJson[]; nextCursor: string | null };
  };
  getTerritoriesByName: { params: { name: string }; answer: TerritoryJson };
  patchTerritoriesByName: {
    params: { name: string };
    body: {
      version: number;
      billing?: 'MONTHLY' | 'YEARLY' | 'ONCE';
      description?: string;
      baseCostSats?: number;
      replyCostSats?: number;
      postTypes?: ('LINK' | 'DISCUSSION' | 'POLL' | 'BOUNTY' | 'JOB')[];
      ranking?: 'WOT' | 'RECENT';
      moderated?: boolean;
      autoRenew?: boolean;
    };
    answer: TerritoryJson;
  };
  postTerritoriesByNameTransfer: {
    params: { name: string };
    body: { to: string };
    answer: TerritoryJson;
  };
  postInvites: {
    body: { code?: string; giftSats: number; mostGifts?: number | null; expiresAt?: string | null };
    answer: InviteJson;
  };
  getInvites: { answer: { invites: InviteJson[] } };
  postInvitesByCodeRevoke: {
    params: { code: string };
    body: Record<string, never> | null;
    answer: InviteJson;
  };
  postInvitesByCodeRedeem: {
    params: { code: string };
    body: Record<string, never> | null;
    answer: OpenedActionJson;
  };
  getRewards: { query?: { before?: string | number }; answer: { days: RewardDayJson[] } };
  getRewardsMe: { answer: { rewards: { day: string; amountMsat: string; paid: boolean }[] } };
  getStreaksMe: { answer: StreakJson };
  getStatistics: {
    query?: { from: string | number; through: string | number };
    answer: { days: { day: string; type: string; actions: string; costMsat: string }[] };
  };
  getAccountsMeSettings: { answer: AccountSettingsJson };
  patchAccountsMeSettings: {
    body: {
      receiveCreditsBelowMsat?: string;
      sendCreditsBelowMsat?: string;
      hideDescriptions?: boolean;
      retryAutomatically?: boolean;
    };
    answer: AccountSettingsJson;
  };
  getAccountsMeUnread: { answer: UnreadJson };
  postAccountsMeSeen: { body: Record<string, never> | null; answer: UnreadJson };
  getAccountsMeFollows: { answer: NamesJson };
  putAccountsMeFollowsByName: {
    params: { name: string };
    body: Record<string, never> | null;
    answer: NamesJson;
  };
  deleteAccountsMeFollowsByName: { params: { name: string }; answer: NamesJson };
  getAccountsMeMutes: { answer: NamesJson };
  putAccountsMeMutesByName: {
    params: { name: string };
    body: Record<string, never> | null;
    answer: NamesJson;
  };
  deleteAccountsMeMutesByName: { params: { name: string }; answer: NamesJson };
  getAccountsMeTerritories: { answer: NamesJson };
  putAccountsMeTerritoriesByName: {
    params: { name: string };
    body: Record<string, never> | null;
    answer: NamesJson;
  };
  deleteAccountsMeTerritoriesByName: { params: { name: string }; answer: NamesJson };
  postSignUp: { body: { name: string }; answer: SignedUpJson };
  postLoginLnurl: { body: Record<string, never> | null; answer: LoginChallengeJson };
  getLoginLnurlCallback: {
    query?: {
      tag?: 'login';
      k1: string | number;
      sig: string | number;
      key: string | number;
      action?: string | number;
    };
    answer: { status: 'OK' };
  };
  postLoginLnurlToken: {
    body: { k1: string; secret: string; name?: string };
    answer: SignedUpJson;
  };
  postUploads: { answer: UploadJson };
  getUploadsById: { params: { id: string }; answer: UploadJson };
  postCreditsMessages: {
    body: {
      hash: string;
      type: 'aleph_credit_distribution' | 'aleph_credit_expense' | 'aleph_credit_transfer';
      sender: string;
      channel?: string | null;
      at: string;
      content: unknown;
    };
    answer: CreditMessageJson;
  };
}

/** The arguments of each type of action. Those of an extension are added by merging into it. */
export interface ActionArgs {
  ITEM_CREATE: ArgsofITEMCREATEJson;
  ITEM_UPDATE: ArgsofITEMUPDATEJson;
  ZAP: ArgsofZAPJson;
  DOWN_ZAP: ArgsofDOWNZAPJson;
  BOOST: ArgsofBOOSTJson;
  POLL_VOTE: ArgsofPOLLVOTEJson;
  DONATE: ArgsofDONATEJson;
  BUY_CREDITS: ArgsofBUYCREDITSJson;
  TERRITORY_CREATE: ArgsofTERRITORYCREATEJson;
  TERRITORY_UPDATE: ArgsofTERRITORYUPDATEJson;
  TERRITORY_BILLING: ArgsofTERRITORYBILLINGJson;
  TERRITORY_UNARCHIVE: ArgsofTERRITORYUNARCHIVEJson;
  BOUNTY_PAYMENT: ArgsofBOUNTYPAYMENTJson;
}

type AccountWithTokenJson = {
  id: string;
  name: string;
  role: 'user' | 'operator' | 'support' | 'finance' | 'metrics';
  token?: string;
};
type AccountJson = {
  id: string;
  name: string;
  role: 'user' | 'operator' | 'support' | 'finance' | 'metrics';
};
type OwnAccountJson = {
  id: string;
  name: string;
  role: 'user' | 'operator' | 'support' | 'finance' | 'metrics';
  scopes: (
    | 'own'
    | 'read'
    | 'accounts'
    | 'grants'
    | 'operators'
    | 'stores'
    | 'credits'
    | 'payments'
    | 'metrics'
  )[];
  tokenId: string;
  creditsMsat: string;
  satsMsat: string;
};
type GrantJson = {
  id: string;
  account: string;
  asset: 'CREDITS' | 'SATS';
  amountMsat: string;
  reason: string;
  createdAt: string;
  expiresAt: string | null;
  creditsMsat: string;
  satsMsat: string;
  state: 'granted' | 'pending';
};
type AttemptStateJson =
  | 'INVOICING'
  | 'WRAPPING'
  | 'PENDING'
  | 'PENDING_HELD'
  | 'HELD'
  | 'FORWARDING'
  | 'FORWARDED'
  | 'WITHDRAWING'
  | 'CANCELLING'
  | 'PAID'
  | 'FAILED';
type InvoiceJson = {
  hash: string;
  kind: 'ordinary' | 'hold';
  state: 'wanted' | 'open' | 'held' | 'settled' | 'canceled';
  bolt11: string | null;
  amountMsat: string;
  expiresAt: string | null;
};
type AttemptJson = {
  attempt: number;
  flow: 'credits' | 'optimistic' | 'pessimistic' | 'late' | 'wrapped' | 'withdrawal';
  state: AttemptStateJson;
  reason: string | null;
  openedAt: string;
  changedAt: string;
  invoice: InvoiceJson | null;
};
type ActionJson = {
  id: string;
  type: string;
  actor: string | null;
  args: unknown;
  costMsat: string;
  createdAt: string;
  state: AttemptStateJson;
  result: Record<string, string>;
  retryable: boolean;
  claimsMsat: string;
  attempts: AttemptJson[];
};
type OpenedActionJson = {
  id: string;
  type: string;
  actor: string | null;
  args: unknown;
  costMsat: string;
  createdAt: string;
  state: AttemptStateJson;
  result: Record<string, string>;
  retryable: boolean;
  claimsMsat: string;
  attempts: AttemptJson[];
  capability?: string;
};
type CollectedActionJson = {
  id: string;
  type: string;
  actor: string | null;
  args: unknown;
  costMsat: string;
  createdAt: string;
  state: AttemptStateJson;
  result: Record<string, string>;
  retryable: boolean;
  claimsMsat: string;
  attempts: AttemptJson[];
  collectedMsat: string;
};
type ActionPageJson = { actions: ActionJson[]; nextCursor: string | null };
type PollJson = { endsAt: string | null; options: { id: string; text: string; votes: number }[] };
type JobJson = { company: string; location: string; remote: boolean };
type ItemJson = {
  id: string;
  actionId: string;
  kind: 'link' | 'discussion' | 'poll' | 'bounty' | 'job' | 'comment' | 'bio';
  author: string | null;
  parentId: string | null;
  rootId: string | null;
  title: string | null;
  url: string | null;
  text: string;
  territories: string[];
  state: 'PENDING' | 'PAID' | 'FAILED';
  createdAt: string;
  paidAt: string | null;
  editedAt: string | null;
  deletedAt: string | null;
  stoppedAt: string | null;
  freebie: boolean;
  zaps: number;
  zappedMsat: string;
  boostMsat: string;
  comments: number;
  bountyMsat: string | null;
  job: JobJson | null;
  poll: PollJson | null;
  ownZappedMsat: string;
};
type ItemPageJson = { items: ItemJson[]; nextCursor: string | null };
type CommentJson = {
  id: string;
  actionId: string;
  kind: 'link' | 'discussion' | 'poll' | 'bounty' | 'job' | 'comment' | 'bio';
  author: string | null;
  parentId: string | null;
  rootId: string | null;
  title: string | null;
  url: string | null;
  text: string;
  territories: string[];
  state: 'PENDING' | 'PAID' | 'FAILED';
  createdAt: string;
  paidAt: string | null;
  editedAt: string | null;
  deletedAt: string | null;
  stoppedAt: string | null;
  freebie: boolean;
  zaps: number;
  zappedMsat: string;
  boostMsat: string;
  comments: number;
  bountyMsat: string | null;
  job: JobJson | null;
  poll: PollJson | null;
  ownZappedMsat: string;
  more: boolean;
  replies: CommentJson[];
};
type CommentPageJson = { comments: CommentJson[]; nextCursor: string | null };
type NoticeJson = {
  id: string | null;
  kind: string;
  itemId: string | null;
  actionId: string | null;
  attempt: number | null;
  by: string | null;
  amountMsat: string | null;
  times: number;
  detail: Record<string, string>;
  at: string;
  read: boolean;
};
type NoticePageJson = { notices: NoticeJson[]; nextCursor: string | null };
type UnreadNoticesJson = { unread: number };
type PushSubscriptionJson = { id: string; endpoint: string; createdAt: string };
type PaymentStoryJson = {
  kind: 'action' | 'order';
  id: string;
  state: string;
  about: string;
  actor: string | null;
  openedBy: string | null;
  costMsat: string;
  createdAt: string;
  height: number | null;
  attempts: {
    workflowId: string;
    attempt: number | null;
    flow: string | null;
    state: string;
    reason: string | null;
    openedAt: string;
    deadlineAt: string | null;
    dueAt: string | null;
    sweeps: number;
    sweptAt: string | null;
    typeFailures: number;
    transitions: {
      id: string;
      event: string;
      fromState: string | null;
      toState: string;
      reason: string | null;
      at: string;
    }[];
    legs: {
      n: number;
      side: 'in' | 'out' | 'refund' | 'conversion';
      kind: string;
      asset: 'CREDITS' | 'SATS';
      holder: string | null;
      plannedMsat: string | null;
      actualMsat: string | null;
    }[];
    invoices: {
      hash: string;
      kind: 'ordinary' | 'hold';
      state: string;
      bolt11: string | null;
      amountMsat: string;
      receivedMsat: string;
      createdAt: string;
      expiresAt: string | null;
      acceptHeight: number | null;
      expiryHeight: number | null;
      node: {
        answer: 'known' | 'unknown_hash' | 'none' | 'not_asked';
        state: string | null;
        receivedMsat: string | null;
        error: string | null;
      };
    }[];
    payments: {
      hash: string;
      wallet: string | null;
      state: string;
      amountMsat: string;
      maxFeeMsat: string;
      feeMsat: string | null;
      maxHeight: number | null;
      failure: string | null;
      node: {
        answer: 'known' | 'unknown_hash' | 'none' | 'not_asked';
        state: string | null;
        expiryHeight: number | null;
        error: string | null;
      };
      atPayee: 'received' | 'not_received' | 'not_said';
      sends: {
        n: number;
        lease: number;
        process: string;
        sentAt: string;
        answer: string | null;
        answeredAt: string | null;
      }[];
    }[];
    walletTries: { wallet: string; failure: string; at: string }[];
  }[];
  claims: {
    attempt: number | null;
    amountMsat: string;
    state: 'open' | 'reserved' | 'collected';
    collectedBy: string | null;
    openedAt: string;
    changedAt: string;
  }[];
  ledger: {
    key: string;
    at: string;
    postings: { holder: string; asset: 'CREDITS' | 'SATS'; amountMsat: string }[];
  }[];
  outbox: {
    kind: string;
    subject: string;
    since: string;
    tries: number;
    lastError: string | null;
  }[];
};
type SignedUpJson = {
  id: string;
  name: string;
  role: 'user' | 'operator' | 'support' | 'finance' | 'metrics';
  token: string;
};
type LoginChallengeJson = { k1: string; secret: string; url: string };
type AccountSettingsJson = {
  receiveCreditsBelowMsat: string;
  sendCreditsBelowMsat: string;
  hideDescriptions: boolean;
  retryAutomatically: boolean;
};
type NamesJson = { names: string[] };
type UnreadJson = { unread: boolean; of: string[]; seenAt: string };
type InviteJson = {
  code: string;
  giftMsat: string;
  mostGifts: number | null;
  gifts: number;
  expiresAt: string | null;
  revokedAt: string | null;
  createdAt: string;
};
type StartTokenJson = {
  startToken: string;
  actionId: string;
  workflowId: string;
  taskQueue: string;
  expiresAt: string;
};
type StatementLineJson = {
  entryId: string;
  asset: 'CREDITS' | 'SATS';
  amountMsat: string;
  balanceAfterMsat: string;
  for: string;
  at: string;
};
type StatementJson = { lines: StatementLineJson[]; nextCursor: string | null };
type RegionProgressJson = {
  region: number;
  name: string;
  sent: 'no' | 'presumed' | 'confirmed';
  sentAt: string | null;
  received: 'no' | 'presumed' | 'confirmed';
  receivedAt: string | null;
};
type BidInvoiceJson = {
  amountMsat: string;
  receivedMsat: string;
  bolt11: string | null;
  state: 'wanted' | 'open' | 'held' | 'settled' | 'canceled';
  expiresAt: string | null;
};
type OwedWithdrawalJson = {
  id: string;
  state: string;
  bolt11: string;
  amountMsat: string;
  maxFeeMsat: string;
  feeMsat: string | null;
  preimage: string | null;
  openedAt: string;
};
type TransmissionStateJson =
  | 'pending'
  | 'paid'
  | 'transmitting'
  | 'confirming'
  | 'sent'
  | 'received'
  | 'cancelled'
  | 'expired';
type TransmissionSummaryJson = {
  id: string;
  channel: number;
  state: TransmissionStateJson;
  bidMsat: string;
  unpaidBidMsat: string;
  minBidMsat: string;
  sizeBytes: number;
  digest: string;
  txSeqNum: number | null;
  retransmissions: number;
  gaveUp: boolean;
  closed: boolean;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelledAt: string | null;
};
type TransmissionJson = {
  id: string;
  channel: number;
  state: TransmissionStateJson;
  bidMsat: string;
  unpaidBidMsat: string;
  minBidMsat: string;
  sizeBytes: number;
  digest: string;
  txSeqNum: number | null;
  retransmissions: number;
  gaveUp: boolean;
  closed: boolean;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelledAt: string | null;
  regions: RegionProgressJson[];
  invoices: BidInvoiceJson[];
  owedMsat: string;
  withdrawals: OwedWithdrawalJson[];
};
type OpenedTransmissionJson = {
  id: string;
  channel: number;
  state: TransmissionStateJson;
  bidMsat: string;
  unpaidBidMsat: string;
  minBidMsat: string;
  sizeBytes: number;
  digest: string;
  txSeqNum: number | null;
  retransmissions: number;
  gaveUp: boolean;
  closed: boolean;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelledAt: string | null;
  regions: RegionProgressJson[];
  invoices: BidInvoiceJson[];
  owedMsat: string;
  withdrawals: OwedWithdrawalJson[];
  token: string;
};
type CollectedTransmissionJson = {
  id: string;
  channel: number;
  state: TransmissionStateJson;
  bidMsat: string;
  unpaidBidMsat: string;
  minBidMsat: string;
  sizeBytes: number;
  digest: string;
  txSeqNum: number | null;
  retransmissions: number;
  gaveUp: boolean;
  closed: boolean;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  cancelledAt: string | null;
  regions: RegionProgressJson[];
  invoices: BidInvoiceJson[];
  owedMsat: string;
  withdrawals: OwedWithdrawalJson[];
  collectedMsat: string;
};
type TransmissionPageJson = { transmissions: TransmissionSummaryJson[]; nextCursor: string | null };
type DraftJson = { draftId: string; sizeBytes: number; digest: string };
type RewardDayJson = {
  day: string;
  state: 'CLOSED' | 'PAID';
  poolMsat: string;
  paidMsat: string;
  earners: number;
};
type StreakJson = { days: number; firstDay: string | null };
type TerritoryJson = {
  name: string;
  owner: string;
  state: 'ACTIVE' | 'GRACE' | 'STOPPED';
  billing: 'MONTHLY' | 'YEARLY' | 'ONCE';
  priceMsat: string;
  autoRenew: boolean;
  paidUntil: string | null;
  description: string;
  baseCostMsat: string;
  replyCostMsat: string;
  postTypes: string[];
  ranking: 'WOT' | 'RECENT';
  rewardsPercent: number;
  moderated: boolean;
  version: number;
  createdAt: string;
};
type UploadJson = {
  id: string;
  url: string;
  contentType: string;
  size: number;
  sha256: string;
  createdAt: string;
  paidAt: string | null;
};
type WalletJson = {
  id: string;
  kind: string;
  address: string;
  priority: number;
  enabled: boolean;
  maxPending: number | null;
};
type AutoWithdrawalJson = { thresholdMsat: string | null; failure: string | null };
type WebhookJson = {
  id: string;
  url: string;
  description: string;
  events: string[];
  signing: 'v1' | 'v1a';
  createdAt: string;
  oldSecretUntil: string | null;
  failingSince: string | null;
  lastError: string | null;
  disabledAt: string | null;
  disabledBecause: 'owner' | 'failing' | 'gone' | null;
  waiting: number;
};
type WebhooksJson = { webhooks: WebhookJson[] };
type WebhookWithKeyJson = {
  id: string;
  url: string;
  description: string;
  events: string[];
  signing: 'v1' | 'v1a';
  createdAt: string;
  oldSecretUntil: string | null;
  failingSince: string | null;
  lastError: string | null;
  disabledAt: string | null;
  disabledBecause: 'owner' | 'failing' | 'gone' | null;
  waiting: number;
  key: string;
};
type WebhookDeliveryJson = {
  messageId: string;
  type: string;
  data: unknown;
  at: string;
  state: 'waiting' | 'delivered' | 'given_up';
  dueAt: string | null;
  tries: { at: string; durationMs: number; status: number | null; error: string | null }[];
};
type WebhookDeliveriesJson = { deliveries: WebhookDeliveryJson[]; nextCursor: string | null };
type WebhookReplayJson = { count: number };
type WebhookTestJson = { messageId: string };
type TransmissionTroublesJson = {
  gaveUp: {
    id: string;
    channel: number;
    txSeqNum: number;
    retransmissions: number;
    since: string;
  }[];
  looseInvoices: {
    hash: string;
    orderId: string;
    state: 'asked' | 'shown' | 'orphan';
    id: string | null;
    askedAt: string;
    lateAt: string | null;
  }[];
};
type StoreJson = {
  id: string;
  url: string;
  name: string;
  zone: string;
  openedAt: string;
  closedAt: string | null;
  hasApiKey: boolean;
  reconciledAt: string | null;
  watermark: string;
  unreachableSince: string | null;
  lastPingAt: string | null;
  lastEventAt: string | null;
  orders: string;
  waitingEvents: string;
  waitingIds: string;
};
type ClosedStoreJson = {
  id: string;
  url: string;
  name: string;
  zone: string;
  openedAt: string;
  closedAt: string | null;
  hasApiKey: boolean;
  reconciledAt: string | null;
  watermark: string;
  unreachableSince: string | null;
  lastPingAt: string | null;
  lastEventAt: string | null;
  orders: string;
  waitingEvents: string;
  waitingIds: string;
  webhooks: {
    removed: number;
    remaining: { webhookId: string | null; topic: string; reason: string }[];
  };
};
type NewStoreJson = {
  store: StoreJson;
  deliveryUrl: string;
  webhooks: { created: number; reached: boolean; problems: string[] } | null;
};
type StorePageJson = { stores: StoreJson[]; nextCursor: string | null };
type StoreOrderJson = {
  orderId: string;
  number: string;
  status: string;
  currency: string;
  total: string;
  createdAt: string;
  modifiedAt: string;
  statusSince: string;
  firstSeen: string;
  firstSeenAt: string;
  announced: boolean;
  alertedAt: string | null;
};
type StoreOrderPageJson = { orders: StoreOrderJson[]; nextCursor: string | null };
type StoreOrderWithTrailJson = {
  order: StoreOrderJson;
  trail: { at: string; what: string; detail: Record<string, unknown> }[];
};
type IncidentPageJson = {
  incidents: {
    id: string;
    store: string;
    kind:
      | 'created_missing'
      | 'order_stuck'
      | 'orders_lost'
      | 'webhook_off'
      | 'silence'
      | 'bad_signature'
      | 'store_errors'
      | 'slip_missing'
      | 'store_unreachable'
      | 'mass_stall'
      | 'channel_failing';
    cause: string;
    severity: 'alert' | 'info';
    summary: string;
    openedAt: string;
    raisedAt: string;
    verifiedAt: string | null;
    healedAt: string | null;
    healedBy: 'itself' | 'operator' | null;
    mutedUntil: string | null;
    notices: number;
    toldAt: string | null;
    orders: number;
    openOrders: number;
  }[];
  nextCursor: string | null;
};
type IncidentJson = {
  id: string;
  store: string;
  kind:
    | 'created_missing'
    | 'order_stuck'
    | 'orders_lost'
    | 'webhook_off'
    | 'silence'
    | 'bad_signature'
    | 'store_errors'
    | 'slip_missing'
    | 'store_unreachable'
    | 'mass_stall'
    | 'channel_failing';
  cause: string;
  severity: 'alert' | 'info';
  summary: string;
  openedAt: string;
  raisedAt: string;
  verifiedAt: string | null;
  healedAt: string | null;
  healedBy: 'itself' | 'operator' | null;
  mutedUntil: string | null;
  notices: number;
  toldAt: string | null;
  orders: number;
  openOrders: number;
  details: Record<string, unknown>;
  orderIds: string[];
  told: { step: number; what: 'opened' | 'repeated' | 'resolved'; at: string }[];
};
type ChannelJson = {
  id: string;
  store: string;
  name: string;
  kind: 'mail' | 'chat';
  to: string[] | null;
  digest: boolean;
  failures: number;
  failingSince: string | null;
  lastError: string | null;
  lastSentAt: string | null;
  waiting: number;
};
type ChannelsJson = { channels: ChannelJson[] };
type MessageQueuedJson = { queued: boolean };
type CreditBalanceJson = {
  address: string;
  unit: 'msat' | 'credits';
  balance: string;
  details: { expiresAt: string | null; amount: string }[];
};
type CreditBalancePageJson = {
  unit: 'msat' | 'credits';
  balances: { address: string; balance: string }[];
  nextCursor: string | null;
};
type CreditHistoryPageJson = {
  unit: 'msat' | 'credits';
  entries: {
    creditRef: string;
    creditIndex: number;
    amount: string;
    at: string;
    expiresAt: string | null;
    price: string | null;
    txHash: string | null;
    token: string | null;
    chain: string | null;
    provider: string | null;
    origin: string | null;
    originRef: string | null;
    paymentMethod: string | null;
  }[];
  nextCursor: string | null;
};
type CreditSummaryJson = {
  unit: 'msat' | 'credits';
  entryCount: number;
  total: string;
  incoming: string;
  outgoing: string;
};
type ConsumedCreditsJson = { hash: string; consumedCredits: string };
type CreditMessageJson = {
  hash: string;
  outcome: 'accepted' | 'confirmed' | 'accepted_without_effect';
  entries: { address: string; creditIndex: number; amount: string; expiresAt: string | null }[];
};
type OperatorsJson = {
  operators: {
    name: string;
    role: 'user' | 'operator' | 'support' | 'finance' | 'metrics';
    createdAt: string;
    frozenAt: string | null;
    tokens: number;
    lastUsedAt: string | null;
  }[];
};
type TokensJson = {
  tokens: {
    id: string;
    account: string;
    role: 'user' | 'operator' | 'support' | 'finance' | 'metrics';
    label: string;
    scopes:
      | (
          | 'own'
          | 'read'
          | 'accounts'
          | 'grants'
          | 'operators'
          | 'stores'
          | 'credits'
          | 'payments'
          | 'metrics'
        )[]
      | null;
    createdAt: string;
    expiresAt: string | null;
    lastUsedAt: string | null;
    revokedAt: string | null;
  }[];
};
type RotatedTokenJson = { token: string };
type RevokedTokenJson = { account: string };
type DoneJson = { done: true };
type AuditJson = {
  rows: {
    id: string;
    at: string;
    actor: string;
    role: string;
    token: string | null;
    via: 'http' | 'cli';
    address: string | null;
    act: string;
    target: string;
    because: string | null;
    detail: Record<string, unknown>;
    hash: string;
  }[];
  nextCursor: string | null;
};
type GrantsJson = {
  grants: {
    id: string;
    account: string;
    asset: 'CREDITS' | 'SATS';
    amountMsat: string;
    reason: string;
    state: 'pending' | 'granted' | 'rejected' | 'reversed';
    askedBy: string;
    decidedBy: string | null;
    createdAt: string;
    expiresAt: string | null;
  }[];
};
type StuckProcessesJson = {
  maintenance: { since: string; because: string } | null;
  processes: {
    machine: 'attempt' | 'order' | 'territory';
    subject: string;
    workflowId: string;
    state: string;
    openedAt: string;
    since: string;
    overdueSeconds: number;
    tries: number;
    mend: string;
  }[];
  calls: {
    kind:
      | 'settle_invoice'
      | 'send_payment'
      | 'create_invoice'
      | 'wrap_invoice'
      | 'look_up_invoice'
      | 'cancel_invoice';
    hash: string;
    since: string;
    tries: number;
    lastError: string | null;
    mend: string | null;
  }[];
  outbox: {
    destination: 'nats' | 'temporal' | 'node';
    backlog: number;
    oldestSeconds: number | null;
  }[];
  nextCursor: string | null;
};
type OutboxPageJson = {
  rows: {
    id: string;
    destination: 'nats' | 'temporal' | 'node';
    kind:
      | 'event'
      | 'start'
      | 'wake'
      | 'settle_invoice'
      | 'send_payment'
      | 'create_invoice'
      | 'wrap_invoice'
      | 'look_up_invoice'
      | 'cancel_invoice';
    subject: string;
    createdAt: string;
    since: string;
    availableAt: string;
    attempts: number;
    lastError: string | null;
  }[];
  nextCursor: string | null;
};
type TransitionPageJson = {
  transitions: {
    id: string;
    event: string;
    fromState: string | null;
    toState: string;
    reason: string | null;
    at: string;
  }[];
  nextCursor: string | null;
};
type StoreThresholdsJson = {
  current: {
    version: string;
    status: string;
    paymentMethod: string | null;
    madeAt: string;
    clock: 'business' | 'wall';
    exits: number;
    censored: number;
    verify: {
      p: number;
      method: 'kaplan-meier' | 'log-normal' | 'default' | 'kept';
      hours: number;
      learnedHours: number | null;
    };
    alert: {
      p: number;
      method: 'kaplan-meier' | 'log-normal' | 'default' | 'kept';
      hours: number;
      learnedHours: number | null;
    };
    alarmsPerDay: number;
    refused: 'too_few_exits' | 'history_too_short' | null;
    frozen: boolean;
  }[];
  versions: {
    version: string;
    status: string;
    paymentMethod: string | null;
    madeAt: string;
    clock: 'business' | 'wall';
    exits: number;
    censored: number;
    verify: {
      p: number;
      method: 'kaplan-meier' | 'log-normal' | 'default' | 'kept';
      hours: number;
      learnedHours: number | null;
    };
    alert: {
      p: number;
      method: 'kaplan-meier' | 'log-normal' | 'default' | 'kept';
      hours: number;
      learnedHours: number | null;
    };
    alarmsPerDay: number;
    refused: 'too_few_exits' | 'history_too_short' | null;
    frozen: boolean;
  }[];
  nextCursor: string | null;
};
type OpeningHoursJson = {
  week: number[][][];
  holidays: string[];
  alarmsPerDay: number | null;
  medianHours: number;
};
type ParticipantJson = {
  orderId: string;
  lineItem: string;
  position: number;
  name: string;
  email: string;
  product: string;
  fields: Record<string, string>;
  savedAt: string;
  changedAt: string | null;
  removedAt: string | null;
  erasedAt: string | null;
  slip: {
    version: number;
    mail: string;
    validity: string;
    sentAt: string | null;
    lastError: string | null;
  } | null;
};
type ParticipantPageJson = { participants: ParticipantJson[]; nextCursor: string | null };
type SlipsAskedJson = { mails: number; again: number };
type SlipRulesJson = { changed: true };
type StoreRecoveredJson = { found: number; changed: number | null; nextSince: string | null };
type StoreCheckedJson = { started: true };
type StoreDeadLetterPageJson = {
  deadLetters: {
    id: string;
    receivedAt: string;
    topic: string;
    webhookId: string | null;
    reason: string;
    bytes: number;
    orderId: string | null;
    erasedAt: string | null;
  }[];
  nextCursor: string | null;
};
type StoreReplayedJson = { replayed: number };
type StoreErasedJson = { orders: number; participants: number; slips: number; deliveries: number };
type StoreKeepingJson = { keepBodiesDays: number; keepPersonsDays: number };
type ArgsofITEMCREATEJson =
  | {
      kind: 'link';
      url: string;
      title: string;
      text?: string;
      territories?: string[];
      boostSats?: number;
      forwards?: { name: string; percent: number }[];
    }
  | {
      kind: 'discussion';
      title: string;
      text?: string;
      territories?: string[];
      boostSats?: number;
      forwards?: { name: string; percent: number }[];
    }
  | {
      kind: 'poll';
      title: string;
      text?: string;
      territories?: string[];
      boostSats?: number;
      forwards?: { name: string; percent: number }[];
      options: string[];
      endsAt?: string;
    }
  | {
      kind: 'bounty';
      title: string;
      text?: string;
      territories?: string[];
      boostSats?: number;
      forwards?: { name: string; percent: number }[];
      bountySats: number;
    }
  | {
      kind: 'job';
      title: string;
      text?: string;
      territories?: string[];
      boostSats?: number;
      forwards?: { name: string; percent: number }[];
      url: string;
      company: string;
      location?: string | '';
      remote?: boolean;
    }
  | { kind: 'comment'; parentId: string; text: string }
  | { kind: 'bio'; text: string };
type ArgsofITEMUPDATEJson = {
  itemId: string;
  title?: string;
  text?: string;
  url?: string;
  territories?: string[];
  forwards?: { name: string; percent: number }[];
  boostSats?: number;
  addOptions?: string[];
  bountySats?: number;
  company?: string;
  location?: string | '';
  remote?: boolean;
  stopped?: boolean;
};
type ArgsofZAPJson = { itemId: string; sats: number };
type ArgsofDOWNZAPJson = { itemId: string; sats: number };
type ArgsofBOOSTJson = { itemId: string; sats: number };
type ArgsofPOLLVOTEJson = { itemId: string; optionId: string };
type ArgsofDONATEJson = { sats: number };
type ArgsofBUYCREDITSJson = { sats: number };
type ArgsofTERRITORYCREATEJson = {
  name: string;
  billing: 'MONTHLY' | 'YEARLY' | 'ONCE';
  description?: string;
  baseCostSats?: number;
  replyCostSats?: number;
  postTypes?: ('LINK' | 'DISCUSSION' | 'POLL' | 'BOUNTY' | 'JOB')[];
  ranking?: 'WOT' | 'RECENT';
  moderated?: boolean;
  autoRenew?: boolean;
};
type ArgsofTERRITORYUPDATEJson = {
  territory: string;
  version: number;
  billing: 'MONTHLY' | 'YEARLY' | 'ONCE';
  description?: string;
  baseCostSats?: number;
  replyCostSats?: number;
  postTypes?: ('LINK' | 'DISCUSSION' | 'POLL' | 'BOUNTY' | 'JOB')[];
  ranking?: 'WOT' | 'RECENT';
  moderated?: boolean;
  autoRenew?: boolean;
};
type ArgsofTERRITORYBILLINGJson = { territory: string };
type ArgsofTERRITORYUNARCHIVEJson = {
  territory: string;
  billing: 'MONTHLY' | 'YEARLY' | 'ONCE';
  description?: string;
  baseCostSats?: number;
  replyCostSats?: number;
  postTypes?: ('LINK' | 'DISCUSSION' | 'POLL' | 'BOUNTY' | 'JOB')[];
  ranking?: 'WOT' | 'RECENT';
  moderated?: boolean;
  autoRenew?: boolean;
};
type ArgsofBOUNTYPAYMENTJson = { itemId: string };
