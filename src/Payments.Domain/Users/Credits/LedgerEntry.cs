using Payments.Domain.Shared;

namespace Payments.Domain.Users.Credits;

public enum CreditTransactionKind
{
    Grant,
    Spend,
    Hold,
    Capture,
    Release,
    Expire,

    /// <summary>Taken back, or held, because of a refund or a dispute.</summary>
    Return,

    /// <summary>Given back after all: the refund failed, the dispute was won.</summary>
    Restore,
}

/// <summary>
/// The accounts of the double entry. Of each user: available, held (in holds, or frozen by a dispute), debt (negative
/// while owed). Of the house: issued (negative: credits in the world), spent, expired, returned (taken back for refunds
/// and lost disputes), forgiven (negative: wanted back and let go).
/// </summary>
public enum CreditAccount
{
    Available,
    Held,
    Debt,
    Issued,
    Spent,
    Expired,
    Returned,
    Forgiven,
}

/// <summary>One business fact in the ledger and its postings, which sum to zero. Written once, never changed.</summary>
public sealed class CreditTransaction
{
    private CreditTransaction()
    {
    }

    internal CreditTransaction(Guid id, UserId userId, CreditTransactionKind kind, string key, long change, string reason, string reference, PaymentId? paymentId, long balanceAfter, DateTimeOffset at)
    {
        Id = id;
        UserId = userId;
        Kind = kind;
        Key = key;
        Change = change;
        Reason = reason;
        Reference = reference;
        PaymentId = paymentId;
        BalanceAfter = balanceAfter;
        At = at;
    }

    public Guid Id { get; private set; }

    public UserId UserId { get; private set; }

    public CreditTransactionKind Kind { get; private set; }

    /// <summary>The business fact that this is the effect of; unique, so that no fact has its effect twice.</summary>
    public string Key { get; private set; } = "";

    /// <summary>By how much the spendable balance changed; 0 for a capture, whose credits had left it with the hold.</summary>
    public long Change { get; private set; }

    public string Reason { get; private set; } = "";

    public string Reference { get; private set; } = "";

    public PaymentId? PaymentId { get; private set; }

    /// <summary>The spendable balance after it.</summary>
    public long BalanceAfter { get; private set; }

    public DateTimeOffset At { get; private set; }
}

/// <summary>One line of a transaction: an account and a signed number of credits.</summary>
public sealed class CreditPosting
{
    private CreditPosting()
    {
    }

    internal CreditPosting(Guid transactionId, short line, UserId userId, CreditAccount account, CreditLotId? lotId, long amount)
    {
        TransactionId = transactionId;
        Line = line;
        UserId = userId;
        Account = account;
        LotId = lotId;
        Credits = amount;
    }

    public Guid TransactionId { get; private set; }

    public short Line { get; private set; }

    public UserId UserId { get; private set; }

    public CreditAccount Account { get; private set; }

    public CreditLotId? LotId { get; private set; }

    public long Credits { get; private set; }
}

/// <summary>A transaction with its postings and the lot it may have made, to be saved together with the user's row.</summary>
public sealed class LedgerEntry
{
    private readonly List<CreditPosting> postings = [];

    internal LedgerEntry(Guid id, UserId userId, CreditTransactionKind kind, string key, long change, string reason, string reference, PaymentId? paymentId, long balanceAfter, DateTimeOffset at) =>
        Transaction = new CreditTransaction(id, userId, kind, key, change, reason, reference, paymentId, balanceAfter, at);

    public CreditTransaction Transaction { get; }

    public IReadOnlyList<CreditPosting> Postings => postings;

    public CreditLot? NewLot { get; internal init; }

    internal void Post(CreditAccount account, CreditLotId? lot, long credits)
    {
        if (credits != 0)
        {
            postings.Add(new CreditPosting(Transaction.Id, (short)postings.Count, Transaction.UserId, account, lot, credits));
        }
    }
}
