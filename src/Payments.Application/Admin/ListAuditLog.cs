using FluentValidation;
using MediatR;
using Payments.Application.Shared;

namespace Payments.Application.Admin;

/// <summary>What staff did, newest first.</summary>
public sealed record ListAuditLog(AuditFilter Filter, int? Limit, string? Cursor) : IRequest<Page<AuditRow>>, IPaged;

internal sealed class ListAuditLogValidator : AbstractValidator<ListAuditLog>
{
    public ListAuditLogValidator() => this.PageRules();
}

internal sealed class ListAuditLogHandler(IAuditTrail trail) : IRequestHandler<ListAuditLog, Page<AuditRow>>
{
    public async Task<Page<AuditRow>> Handle(ListAuditLog query, CancellationToken cancellationToken)
    {
        var rows = await trail.PageAsync(query.Filter, Cursor.Parse(query.Cursor), query.LimitOf() + 1, cancellationToken);
        return Cursor.PageOf(rows, query.LimitOf(), r => new Cursor(r.At, r.Id), r => r);
    }
}
