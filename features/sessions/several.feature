Feature: Several sessions and several conversations at a time

  @PF-SES-06 @TP-PF-SES-06-01.chat-and-file @SHALL @participating-function @max_sessions=at_least_2
  Scenario: A chat and a file transfer of one conversation live by themselves
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the file transfer "Menu" of Alice with Bob in the conversation of "Lunch"
    When Alice calls Bob for "Lunch"
    And Alice calls Bob for "Menu"
    And Alice says "Here is the menu" in "Menu"
    And Alice hangs up "Menu"
    And Alice says "What will you have?" in "Lunch"
    And Bob's phone says "The soup" in "Lunch"
    Then "Lunch" stands with Bob's phone
    And "Menu" stands with Bob's phone
    And "Here is the menu" arrives unchanged in "Menu" of Bob
    And "Menu" of Bob has ended on both sides
    And "What will you have?" arrives unchanged in "Lunch" of Bob
    And "The soup" arrives unchanged in "Lunch" of Bob

  @PF-SES-07 @TP-PF-SES-07-01.two-conversations @SHALL @participating-function @max_sessions=at_least_2
  Scenario: Two conversations at once, each by itself
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    When Alice calls Bob for "Lunch"
    And Bob's phone calls Carol for "Dinner"
    And Alice says "At noon" in "Lunch"
    And Carol says "At eight" in "Dinner"
    And Bob's phone says "Noon it is" in "Lunch"
    And Bob's phone says "Eight it is" in "Dinner"
    Then "Lunch" stands with Bob's phone
    And "Dinner" stands with Bob's phone
    And everything said in "Lunch, Dinner" of Bob stays in its own session

  @PF-SES-07 @TP-PF-SES-07-01.three-conversations @SHALL @participating-function @max_sessions=at_least_3
  Scenario: Three conversations at once, each by itself
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Carol with Bob
    And the session "Breakfast" of Dave with Bob
    When Alice calls Bob for "Lunch"
    And Carol calls Bob for "Dinner"
    And Bob's phone calls Dave for "Breakfast"
    And Alice says "At noon" in "Lunch"
    And Carol says "At eight" in "Dinner"
    And Dave says "At seven" in "Breakfast"
    And Bob's phone says "Noon it is" in "Lunch"
    And Bob's phone says "Eight it is" in "Dinner"
    And Bob's phone says "Seven is early" in "Breakfast"
    Then "Lunch" stands with Bob's phone
    And "Dinner" stands with Bob's phone
    And "Breakfast" stands with Bob's phone
    And everything said in "Lunch, Dinner, Breakfast" of Bob stays in its own session

  @PF-SES-07 @TP-PF-SES-07-03.sent-again @SHALL @participating-function @max_sessions=at_least_2
  Scenario: A call that is sent again makes no second session, and a new one does
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And Bob's phone rings when called
    When Alice calls Bob for "Lunch"
    And Alice sends the call for "Lunch" again
    And Bob's phone picks up "Lunch"
    And Alice calls Bob for "Dinner"
    And Bob's phone picks up "Dinner"
    Then "Lunch" of Bob came to be once
    And "Lunch" stands with Bob's phone
    And "Dinner" stands with Bob's phone

  @PF-SES-07 @TP-PF-SES-07-03.merged @SHALL @participating-function @max_sessions=at_least_2
  Scenario: A call that comes by two ways makes no second session, and a new one does
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    And Bob's phone rings when called
    When Alice calls Bob for "Lunch"
    And Alice sends by a second way the call for "Lunch"
    And Bob's phone picks up "Lunch"
    And Alice says "Once is enough" in "Lunch"
    And Alice calls Bob for "Dinner"
    And Bob's phone picks up "Dinner"
    Then "Lunch" of Bob came to be once
    And "Once is enough" arrives unchanged in "Lunch" of Bob
    And "Dinner" stands with Bob's phone

  @PF-SES-06 @TP-PF-SES-06-02.voice-not-served @SHALL @participating-function @continuous_media=false @max_sessions=at_least_2
  Scenario: A voice call beside a chat is refused where it is not served, and the chat lives
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the voice call "Voice" of Alice with Bob in the conversation of "Lunch"
    When Alice calls Bob for "Lunch"
    And Alice calls Bob for "Voice"
    And Alice says "Then we go on writing" in "Lunch"
    Then "Voice" of Bob comes to nothing
    And "Lunch" stands with Bob's phone
    And "Then we go on writing" arrives unchanged in "Lunch" of Bob

  @PF-SES-06 @TP-PF-SES-06-02.voice-served @SHALL @participating-function @continuous_media=true @max_sessions=at_least_2
  Scenario: A voice call and a chat of one conversation go on side by side
    Given Bob, a served user, is online with a phone
    And the session "Lunch" of Alice with Bob
    And the voice call "Voice" of Alice with Bob in the conversation of "Lunch"
    When Alice calls Bob for "Lunch"
    And Alice calls Bob for "Voice"
    And Alice says "Can you hear me?" in "Lunch"
    Then the voice call "Voice" stands with Bob's phone
    And "Lunch" stands with Bob's phone
    And "Can you hear me?" arrives unchanged in "Lunch" of Bob

  @PF-SES-07 @TP-PF-SES-07-02.limit @SHALL @participating-function @max_sessions=limited
  Scenario: One session more than Bob may have is refused, and another after one has ended is not
    Given Bob, a served user, is online with a phone
    And the session "One too many" of Carol with Bob
    And the session "Another" of Carol with Bob
    When Alice begins as many sessions with Bob as the statement allows, "Lunch" the first
    And Carol calls Bob for "One too many"
    And Alice hangs up "Lunch"
    And Carol calls Bob for "Another"
    And Carol says "Now there is room" in "Another"
    Then of Bob's sessions "One too many" is refused and "Another" is not
    And "Now there is room" arrives unchanged in "Another" of Bob
