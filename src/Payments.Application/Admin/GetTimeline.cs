using FluentValidation;
using MediatR;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Application.Admin;

/// <summary>All that happened to a person, of every module in one list, newest first.</summary>
public sealed record GetTimeline(UserId UserId, int? Limit, string? Cursor) : IRequest<Page<TimelineEntry>>, IPaged;

internal sealed class GetTimelineValidator : AbstractValidator<GetTimeline>
{
    public GetTimelineValidator() => this.PageRules();
}

internal sealed class GetTimelineHandler(IEnumerable<ITimeline> timelines) : IRequestHandler<GetTimeline, Page<TimelineEntry>>
{
    public async Task<Page<TimelineEntry>> Handle(GetTimeline query, CancellationToken cancellationToken)
    {
        var before = Cursor.Parse(query.Cursor);
        var count = query.LimitOf() + 1;
        var entries = new List<TimelineEntry>();
        // One after the other: they share a connection.
        foreach (var timeline in timelines)
        {
            entries.AddRange(await timeline.PageAsync(query.UserId, before, count, cancellationToken));
        }

        // None of the newest of all can be missing: each module has given as many as are wanted.
        var newest = entries.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(count).ToList();
        return Cursor.PageOf(newest, query.LimitOf(), e => new Cursor(e.At, e.Id), e => e);
    }
}
