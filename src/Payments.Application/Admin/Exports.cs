using FluentValidation;
using MediatR;
using Payments.Application.Payments.Exports;
using Payments.Application.Shared;
using Payments.Application.Users;
using Payments.Application.Users.Credits;

namespace Payments.Application.Admin;

/// <summary>Rows of a book for somebody to carry away: written down first, then read as fast as they are taken.</summary>
public interface IExport
{
    DateTimeOffset? From { get; }

    DateTimeOffset? Until { get; }
}

public sealed record ExportPayments(DateTimeOffset? From, DateTimeOffset? Until, Actor Actor) : IRequest<IAsyncEnumerable<BookedPayment>>, IExport;

public sealed record ExportRefunds(DateTimeOffset? From, DateTimeOffset? Until, Actor Actor) : IRequest<IAsyncEnumerable<BookedRefund>>, IExport;

public sealed record ExportInvoices(DateTimeOffset? From, DateTimeOffset? Until, Actor Actor) : IRequest<IAsyncEnumerable<BookedInvoice>>, IExport;

public sealed record ExportCredits(DateTimeOffset? From, DateTimeOffset? Until, Actor Actor) : IRequest<IAsyncEnumerable<BookedCredits>>, IExport;

internal abstract class ExportValidator<T> : AbstractValidator<T>
    where T : IExport
{
    protected ExportValidator() => RuleFor(q => q.Until).GreaterThan(q => q.From).When(q => q is { From: not null, Until: not null }).WithMessage("until is later than from.");
}

internal sealed class ExportPaymentsValidator : ExportValidator<ExportPayments>;

internal sealed class ExportRefundsValidator : ExportValidator<ExportRefunds>;

internal sealed class ExportInvoicesValidator : ExportValidator<ExportInvoices>;

internal sealed class ExportCreditsValidator : ExportValidator<ExportCredits>;

internal sealed class ExportPaymentsHandler(IPaymentBooks books, ExportAudit audit) : IRequestHandler<ExportPayments, IAsyncEnumerable<BookedPayment>>
{
    public async Task<IAsyncEnumerable<BookedPayment>> Handle(ExportPayments query, CancellationToken cancellationToken)
    {
        await audit.WriteAsync("export.payments", query.Actor, query, cancellationToken);
        return books.PaymentsAsync(query.From, query.Until, cancellationToken);
    }
}

internal sealed class ExportRefundsHandler(IPaymentBooks books, ExportAudit audit) : IRequestHandler<ExportRefunds, IAsyncEnumerable<BookedRefund>>
{
    public async Task<IAsyncEnumerable<BookedRefund>> Handle(ExportRefunds query, CancellationToken cancellationToken)
    {
        await audit.WriteAsync("export.refunds", query.Actor, query, cancellationToken);
        return books.RefundsAsync(query.From, query.Until, cancellationToken);
    }
}

internal sealed class ExportInvoicesHandler(IPaymentBooks books, ExportAudit audit) : IRequestHandler<ExportInvoices, IAsyncEnumerable<BookedInvoice>>
{
    public async Task<IAsyncEnumerable<BookedInvoice>> Handle(ExportInvoices query, CancellationToken cancellationToken)
    {
        await audit.WriteAsync("export.invoices", query.Actor, query, cancellationToken);
        return books.InvoicesAsync(query.From, query.Until, cancellationToken);
    }
}

internal sealed class ExportCreditsHandler(ICreditBook book, ExportAudit audit) : IRequestHandler<ExportCredits, IAsyncEnumerable<BookedCredits>>
{
    public async Task<IAsyncEnumerable<BookedCredits>> Handle(ExportCredits query, CancellationToken cancellationToken)
    {
        await audit.WriteAsync("export.credits", query.Actor, query, cancellationToken);
        return book.CreditsAsync(query.From, query.Until, cancellationToken);
    }
}

/// <summary>Who carries data away is known before the first row leaves, however the export ends.</summary>
internal sealed class ExportAudit(IUsersDb db, IAuditLog audit)
{
    public async Task WriteAsync(string action, Actor actor, IExport export, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        await audit.WriteAsync(actor, action, "many", null, new { export.From, export.Until }, null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
