//===----------------------------------------------------------------------===//
//
// This source file is part of the swift-events open source project
//
// Licensed under the Apache License, Version 2.0; see LICENSE for the terms
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

internal import Events
internal import EventsCommandLine

extension CommandRun {
    private func interval() throws -> Duration {
        try arguments.value("rate").map(HumanRate.parse) ?? .milliseconds(100)
    }

    private func planNumber() throws -> Int64 {
        Int64(try HumanCount.parse(arguments.operands[0], "PLAN", in: 1...Int.max))
    }

    func makePlan() async throws -> ExitCode {
        let filter = try letterFilter()
        let interval = try interval()
        try requireFilter(filter)
        let preview = try await operations.preview(filter)
        guard preview.letters > 0 else { return nothing("no dead letters: \(filter.words)") }
        if !isJSON { try say(PreviewPage(preview: preview, now: now, style: style, interval: interval).lines) }
        if arguments.has("dry-run") {
            if isJSON { try json("preview", preview) }
            notice("nothing was done (--dry-run)")
            return .done
        }
        guard let plan = try await operations.makePlan(filter, reason: reason) else { return nothing("no dead letters any more") }
        if isJSON {
            try json("plan", plan)
        } else {
            try say([
                "", "plan \(plan.plan) has \(plan.total.counting("letter")); 'dlq apply \(plan.plan) --yes' has it carried out",
            ])
        }
        return .done
    }

    func applyPlan() async throws -> ExitCode {
        let number = try planNumber()
        let canary = try count("canary", 0, in: 0...1_000_000)
        let interval = try interval()
        var abortAfter: Int? = 10
        if let text = arguments.value("abort-after") {
            abortAfter = text == "never" ? nil : try HumanCount.parse(text, "--abort-after", in: 1...1_000_000)
        }
        let plan = try await operations.plan(number)
        guard plan.state == "planned" else {
            throw OperationsError(
                .refused, "plan \(number) is \(plan.state) and cannot be applied; make a new one with 'dlq plan'")
        }
        let what = "send \(plan.pending.counting("letter")), which takes \((interval * plan.pending).compactText) or longer"
        if arguments.has("dry-run") {
            notice("would \(what)")
            return .done
        }
        if !arguments.has("yes") {
            guard let ask = terminal.ask, ask("\(what.prefix(1).uppercased() + what.dropFirst())?") else {
                notice("nothing was done; add --yes to \(what)")
                return .done
            }
        }
        let isLive = try await operations.applyPlan(
            number, canary: canary, interval: interval, abortAfter: abortAfter, reason: reason)
        if isJSON {
            try json("plan", try await operations.plan(number))
        } else {
            try say([
                isLive
                    ? "plan \(number) is under way; 'dlq status \(number)' shows how far it is"
                    : "plan \(number) is stored; no bus has the log open, and the next one carries it out"
            ])
        }
        return .done
    }

    func showPlans() async throws -> ExitCode {
        guard arguments.operands.isEmpty else {
            let plan = try await operations.plan(try planNumber())
            if isJSON { try json("plan", plan) } else { try say(PlanPage(plan: plan, now: now, style: style).lines) }
            return .done
        }
        let plans = try await operations.plans()
        guard !plans.isEmpty else { return nothing("no plans") }
        try table(
            "plan", plans,
            [
                .right("PLAN"), .left("STATE"), .right("LETTERS"), .right("PENDING"), .right("SENT"), .right("DONE"),
                .right("DEAD"),
                .left("FILTER", least: 10),
            ]
        ) { plan in
            [
                "\(plan.plan)", plan.state.printable, plan.total.grouped, plan.pending.grouped, plan.sent.grouped,
                plan.completed.grouped, plan.dead.grouped, plan.filter.printable,
            ]
        }
        return .done
    }

    func cancelPlan() async throws -> ExitCode {
        let number = try planNumber()
        let plan = try await operations.plan(number)
        if arguments.has("dry-run") {
            notice("would stop plan \(number), which is \(plan.state), with \(plan.pending.counting("letter")) left")
            return .done
        }
        guard ["planned", "applying"].contains(plan.state) else {
            throw OperationsError(.refused, "plan \(number) is \(plan.state); there is nothing to stop")
        }
        try await operations.cancelPlan(number, reason: reason)
        let after = try await operations.plan(number)
        if isJSON {
            try json("plan", after)
        } else {
            try say(["plan \(number) is cancelled; \(after.pending.counting("letter")) of it were not sent"])
        }
        return .done
    }
}
